-- makes: asides
SELECT 'med_dfr_d', 'payment of another business', count(*) FROM clean.med_dfr_d
WHERE dfr_id NOT IN (SELECT dfr_id FROM paid_out)

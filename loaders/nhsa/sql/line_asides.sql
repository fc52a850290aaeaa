-- makes: asides
SELECT 'fee_list_d', coalesce(f.fate, 'line of a settlement that is not in the source'), count(*)
FROM (SELECT setl_id FROM clean.fee_list_d l ANTI JOIN key_settlement k ON k.value = l.setl_id) l
LEFT JOIN settlement_fates f ON f.setl_id = l.setl_id
GROUP BY ALL

-- makes: view paid_out
-- Payments that belong to a case or to a staged settlement; the others are of another business.
SELECT d.*, coalesce(c.value, cs.case_id) AS case_id, coalesce(s.value, sc.setl_id) AS settlement_id
FROM clean.med_dfr_d d
LEFT JOIN key_case c ON c.value = d.souc_sn
LEFT JOIN key_settlement s ON s.value = d.souc_sn
LEFT JOIN case_settlements sc ON sc.case_id = d.souc_sn
LEFT JOIN (SELECT setl_id, min(case_id) AS case_id FROM case_settlements GROUP BY setl_id) cs ON cs.setl_id = d.souc_sn
WHERE c.value IS NOT NULL OR s.value IS NOT NULL

-- Visit and purchase within a day, only on doctor–pharmacy pairs that stand out (at least 8 patients, llr ≥ 8 nats,
-- about one false pair in two thousand tested), so that the graph stays sparse.
SELECT f.visit_no, f.purchase_no, f.doctor_no, f.site_no, f.person_no, f.gap_seconds
FROM fills AS f
JOIN filled_at AS t USING (doctor_no, site_no)
WHERE t.persons >= 8 AND t.llr >= 8

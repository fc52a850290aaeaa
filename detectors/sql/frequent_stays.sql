-- Every stay of a night at least, with the category of its diagnosis (first three characters).
SELECT
    s.settlement_no, s.person_no, s.site_no, coalesce(s.doctor_no, -1) AS doctor_no,
    upper(substr(s.diagnosis_code, 1, 3)) AS category
FROM settlements AS s
WHERE s.is_event AND NOT s.is_manual AND s.kind = 'inpatient' AND s.diagnosis_code IS NOT NULL
  AND CAST(s.end_at AS DATE) > CAST(s.begin_at AS DATE)
ORDER BY s.settlement_no

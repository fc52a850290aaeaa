-- Which of the persons with a stay each of the doctors ($doctors) has seen at all.
SELECT DISTINCT s.doctor_no, s.person_no
FROM settlements AS s JOIN sites AS x USING (site_no)
WHERE s.is_event AND NOT s.is_manual AND s.kind IN ('outpatient', 'chronic') AND x.kind = 'institution'
  AND s.doctor_no IN (SELECT unnest($doctors::INTEGER[]))
ORDER BY s.doctor_no, s.person_no

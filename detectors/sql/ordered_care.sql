-- What doctors ordered for outpatients, item by item: once a person, day, site and doctor.
SELECT l.item_code, s.site_no, d.doctor_no, s.person_no, s.day, min(s.settlement_no) AS settlement_no
FROM lines AS l
JOIN settlements AS s USING (settlement_no)
JOIN settlement_doctors AS d USING (settlement_no)
WHERE s.is_event AND NOT s.is_manual AND s.kind IN ('outpatient', 'chronic', 'other')
GROUP BY l.item_code, s.site_no, d.doctor_no, s.person_no, s.day

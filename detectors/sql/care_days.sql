-- The days on which each of the given doctors had settlements at the given site ($sites and $doctors, pairwise).
WITH asked AS (SELECT unnest($sites) AS site_no, unnest($doctors) AS doctor_no)
SELECT a.site_no, a.doctor_no, s.day
FROM asked AS a
JOIN settlement_doctors AS d ON d.doctor_no = a.doctor_no
JOIN settlements AS s ON s.settlement_no = d.settlement_no AND s.site_no = a.site_no
WHERE s.is_event AND NOT s.is_manual
GROUP BY a.site_no, a.doctor_no, s.day
ORDER BY a.site_no, a.doctor_no, s.day

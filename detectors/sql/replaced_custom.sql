-- Who is a customer of a site from a day on ($day), by days there; and whether never seen there until a week before it.
SELECT s.site_no, s.person_no, bool_and(v.first_day >= $day - 7) AS is_new
FROM settlements AS s
JOIN visited AS v ON v.person_no = s.person_no AND v.site_no = s.site_no
WHERE s.is_event AND NOT s.is_manual AND s.kind NOT IN ('inpatient', 'maternity') AND s.day >= $day
GROUP BY s.site_no, s.person_no
HAVING count(DISTINCT s.day) >= $least_days
ORDER BY s.site_no, s.person_no

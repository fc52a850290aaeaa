-- Who is a customer of a site from a day on ($day), by days there; and whether never seen there until a week before it.
-- Whose registration names the site has been sent there, and is not new.
WITH sent AS (
    SELECT DISTINCT person_no, site_no FROM registrations WHERE site_no IS NOT NULL AND person_no IS NOT NULL
)
SELECT s.site_no, s.person_no, bool_and(v.first_day >= $day - 7 AND r.person_no IS NULL) AS is_new
FROM settlements AS s
JOIN visited AS v ON v.person_no = s.person_no AND v.site_no = s.site_no
LEFT JOIN sent AS r ON r.person_no = s.person_no AND r.site_no = s.site_no
WHERE s.is_event AND NOT s.is_manual AND s.kind NOT IN ('inpatient', 'maternity') AND s.day >= $day
GROUP BY s.site_no, s.person_no
HAVING count(DISTINCT s.day) >= $least_days
ORDER BY s.site_no, s.person_no

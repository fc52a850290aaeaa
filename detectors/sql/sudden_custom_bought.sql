-- Settlements of those named at the site to which they began to come, from that day on, and whether a doctor who treats
-- them there had treated them elsewhere before. Who was known nowhere before is no arrival, and began with his first day.
WITH named AS (
    SELECT DISTINCT unnest($persons::INTEGER[]) AS person_no, unnest($sites::INTEGER[]) AS site_no
),
came AS (
    SELECT s.person_no, s.site_no, s.settlement_no, s.doctor_no, coalesce(a.day, v.first_day) AS day
    FROM settlements AS s JOIN named AS n ON n.person_no = s.person_no AND n.site_no = s.site_no
    JOIN visited AS v ON v.person_no = s.person_no AND v.site_no = s.site_no
    LEFT JOIN arrivals AS a ON a.person_no = s.person_no AND a.site_no = s.site_no
    WHERE s.is_event AND NOT s.is_manual AND s.kind NOT IN ('inpatient', 'maternity')
),
known AS (
    SELECT DISTINCT c.person_no, c.site_no
    FROM came AS c JOIN settlements AS s ON s.person_no = c.person_no AND s.doctor_no = c.doctor_no
    WHERE s.site_no <> c.site_no AND s.day < c.day
)
SELECT c.person_no, c.site_no, c.settlement_no, k.person_no IS NOT NULL AS same_doctor
FROM came AS c LEFT JOIN known AS k ON k.person_no = c.person_no AND k.site_no = c.site_no
ORDER BY c.settlement_no

-- From which sites of its kind the custom of those who began to come to one was withdrawn: at least two days there before,
-- and a third of that pace or less from the arrival on, while there is time enough to see it.
WITH span AS (SELECT min(day) AS first_day, max(day) AS last_day FROM settlements WHERE is_event),
seen AS (
    SELECT
        a.person_no, a.site_no, a.day, s.site_no AS from_site,
        count(DISTINCT s.day) FILTER (WHERE s.day < a.day) AS before,
        count(DISTINCT s.day) FILTER (WHERE s.day >= a.day) AS after
    FROM arrivals AS a
    JOIN visited AS v ON v.person_no = a.person_no AND v.site_no <> a.site_no AND v.n >= 2 AND v.first_day < a.day
    JOIN sites AS x ON x.site_no = v.site_no AND x.kind = a.kind
    JOIN settlements AS s ON s.person_no = v.person_no AND s.site_no = v.site_no
    WHERE s.is_event AND NOT s.is_manual AND s.kind NOT IN ('inpatient', 'maternity')
    GROUP BY a.person_no, a.site_no, a.day, s.site_no
)
SELECT m.person_no, m.site_no, m.day, m.from_site
FROM seen AS m CROSS JOIN span AS s
WHERE m.before >= 2 AND s.last_day - m.day >= 28
    AND 3 * m.after * (m.day - s.first_day) <= m.before * (s.last_day - m.day + 1)
ORDER BY m.person_no, m.site_no, m.from_site

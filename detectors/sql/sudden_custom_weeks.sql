-- Persons who come to a site in each whole week, and how many of them begin to come; weeks count from the first day.
WITH span AS (SELECT min(day) AS first_day, max(day) AS last_day FROM settlements WHERE is_event),
came AS (
    SELECT n.site_no, (n.day - s.first_day) // 7 AS week, count(DISTINCT n.person_no) AS persons
    FROM settlements AS n CROSS JOIN span AS s
    WHERE n.is_event AND NOT n.is_manual AND n.kind NOT IN ('inpatient', 'maternity')
    GROUP BY n.site_no, week
),
began AS (
    SELECT a.site_no, (a.day - s.first_day) // 7 AS week, count(*) AS arrivals
    FROM arrivals AS a CROSS JOIN span AS s
    GROUP BY a.site_no, week
)
SELECT c.site_no, x.kind, coalesce(x.level, '') AS level, c.week, c.persons, coalesce(b.arrivals, 0) AS arrivals, s.first_day
FROM came AS c
JOIN sites AS x USING (site_no)
LEFT JOIN began AS b ON b.site_no = c.site_no AND b.week = c.week
CROSS JOIN span AS s
WHERE c.week < (s.last_day - s.first_day + 1) // 7
ORDER BY c.site_no, c.week

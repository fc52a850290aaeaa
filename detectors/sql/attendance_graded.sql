-- As attendance, over all events of a graded stream, with what their oddness adds: under chance -ln(odd_p) is an
-- exponential variable of mean one, in a group it is taken to have mean three; the log ratio of the two densities is
-- 2/3 of it less ln 3. The oddest event of each session counts.
WITH cells AS (
    SELECT group_no, site_no, session_in_site, min(day) AS day, max(day) AS last_day
    FROM inside
    GROUP BY group_no, site_no, session_in_site
),
by_day AS (SELECT *, unnest(range(day, last_day + 1)) AS on_day FROM cells),
there AS (
    SELECT c.group_no, c.site_no, c.session_in_site, s.person_no, -ln(min(s.odd_p)) AS oddness
    FROM by_day AS c
    JOIN every_event AS s ON s.site_no = c.site_no AND s.day = c.on_day
    GROUP BY c.group_no, c.site_no, c.session_in_site, s.person_no
),
total AS (SELECT site_no, count(*) AS n, max(day) - min(day) + 1 AS span_days FROM every_event GROUP BY site_no),
own AS (
    SELECT g.group_no, s.site_no, count(*) AS n
    FROM group_members AS g JOIN every_event AS s USING (person_no)
    GROUP BY g.group_no, s.site_no
),
share AS (
    SELECT
        t.group_no, t.site_no,
        (count(*) FILTER (WHERE g.person_no IS NULL) + 0.5 * count(DISTINCT t.session_in_site))
        / (any_value(v.n) - any_value(o.n) + 0.5 * any_value(v.span_days)) AS share
    FROM there AS t
    JOIN total AS v ON v.site_no = t.site_no
    JOIN own AS o ON o.group_no = t.group_no AND o.site_no = t.site_no
    LEFT JOIN group_members AS g ON g.group_no = t.group_no AND g.person_no = t.person_no
    GROUP BY t.group_no, t.site_no
),
attended AS (
    SELECT
        group_no, person_no, count(*) AS attended,
        sum(CAST((oddness * 2 / 3 - ln(3)) * 1e6 AS BIGINT)) / 1e6 AS oddness
    FROM there GROUP BY group_no, person_no
),
visits AS (
    SELECT person_no, site_no, count(DISTINCT day) AS n FROM every_event
    WHERE person_no IN (SELECT person_no FROM attended WHERE attended >= 2)
    GROUP BY person_no, site_no
)
SELECT a.group_no, a.person_no, a.attended, sum(v.n * h.share) AS expected, any_value(a.oddness) AS oddness
FROM attended AS a
JOIN share AS h ON h.group_no = a.group_no
JOIN visits AS v ON v.person_no = a.person_no AND v.site_no = h.site_no
WHERE a.attended >= 2
GROUP BY a.group_no, a.person_no, a.attended

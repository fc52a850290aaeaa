-- Everybody, member or not, who was at a group's sessions: how often, and how often it would be if they came when
-- everybody outside the group comes (half a settlement a day keeps empty days possible).
WITH cells AS (
    SELECT group_no, site_no, session_in_site, min(day) AS day, max(day) AS last_day, min(at_s) AS from_s, max(at_s) AS to_s
    FROM inside
    GROUP BY group_no, site_no, session_in_site
),
by_day AS (SELECT *, unnest(range(day, last_day + 1)) AS on_day FROM cells),
there AS (
    SELECT c.group_no, c.site_no, c.session_in_site, s.person_no
    FROM by_day AS c
    JOIN stream AS s
        ON s.site_no = c.site_no AND s.day = c.on_day
       AND (s.window_s >= 86400 OR s.at_s BETWEEN c.from_s - s.window_s AND c.to_s + s.window_s)
),
total AS (
    SELECT site_no, count(*) AS n, max(day) - min(day) + 1 AS span_days FROM stream GROUP BY site_no
),
own AS (SELECT group_no, site_no, count(*) AS n FROM group_events GROUP BY group_no, site_no),
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
    SELECT group_no, person_no, count(DISTINCT (site_no, session_in_site)) AS attended FROM there GROUP BY group_no, person_no
),
visits AS (
    SELECT person_no, site_no, count(DISTINCT day) AS n FROM stream
    WHERE person_no IN (SELECT person_no FROM attended WHERE attended >= 2)
    GROUP BY person_no, site_no
)
SELECT a.group_no, a.person_no, a.attended, sum(v.n * h.share) AS expected
FROM attended AS a
JOIN share AS h ON h.group_no = a.group_no
JOIN visits AS v ON v.person_no = a.person_no AND v.site_no = h.site_no
WHERE a.attended >= 2
GROUP BY a.group_no, a.person_no, a.attended

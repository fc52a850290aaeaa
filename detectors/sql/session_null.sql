-- One row a session: units present, and how many would be present if each member's settlements at the site were spread
-- over its calendar as everybody else's are, or by the member's own weekdays there, whichever gives more. The group's
-- own settlements are left out of the volume, and the session itself out of the weekday habit: they would otherwise
-- explain themselves. Half a settlement a day keeps a site's empty days possible.
WITH cells AS (
    SELECT
        group_no, site_no, session_in_site, min(day) AS day, max(day) AS last_day, min(at_s) AS from_s, max(at_s) AS to_s,
        count(DISTINCT unit_no) AS units, count(DISTINCT person_no) AS persons, count(*) AS own
    FROM inside
    GROUP BY group_no, site_no, session_in_site
),
by_day AS (SELECT *, unnest(range(day, last_day + 1)) AS on_day FROM cells),
volume AS (
    -- what the site settled during the session; a day window counts the whole day
    SELECT c.group_no, c.site_no, c.session_in_site, count(*) AS n
    FROM by_day AS c
    JOIN stream AS s
        ON s.site_no = c.site_no AND s.day = c.on_day
       AND (s.window_s >= 86400 OR s.at_s BETWEEN c.from_s - s.window_s AND c.to_s + s.window_s)
    GROUP BY c.group_no, c.site_no, c.session_in_site
),
site_total AS (SELECT site_no, count(*) AS n, max(day) - min(day) + 1 AS span_days FROM stream GROUP BY site_no),
group_site AS (SELECT group_no, site_no, count(*) AS own FROM group_events GROUP BY group_no, site_no),
member_site AS (
    SELECT group_no, unit_no, site_no, count(DISTINCT day) AS n FROM group_events GROUP BY group_no, unit_no, site_no
),
member_weekday AS (
    SELECT group_no, unit_no, site_no, day % 7 AS weekday, count(DISTINCT day) AS n
    FROM group_events GROUP BY group_no, unit_no, site_no, weekday
)
SELECT
    c.group_no, c.site_no, c.session_in_site, c.day, c.units, c.persons,
    sum(
        least(
            greatest(
                m.n * (v.n - c.own + 0.5) / (t.n - g.own + 0.5 * t.span_days),
                greatest(coalesce(d.n, 0) - 1, 0) * 7 / greatest(t.span_days, 7)
            ), 1
        )
    ) AS expected
FROM cells AS c
JOIN volume AS v USING (group_no, site_no, session_in_site)
JOIN site_total AS t ON t.site_no = c.site_no
JOIN group_site AS g ON g.group_no = c.group_no AND g.site_no = c.site_no
JOIN member_site AS m ON m.group_no = c.group_no AND m.site_no = c.site_no
LEFT JOIN member_weekday AS d
    ON d.group_no = m.group_no AND d.unit_no = m.unit_no AND d.site_no = m.site_no AND d.weekday = c.day % 7
GROUP BY c.group_no, c.site_no, c.session_in_site, c.day, c.units, c.persons

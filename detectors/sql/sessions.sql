-- Sessions of each group: events at one site whose steps are within the site's window. A visit stream never runs over
-- midnight at a day-window site, since there the day itself is the window.
WITH stepped AS (
    SELECT
        *,
        CASE
            WHEN lag(at_s) OVER w IS NULL THEN 1
            WHEN window_s >= 86400 AND NOT $chain_days THEN CASE WHEN lag(day) OVER w = day THEN 0 ELSE 1 END
            WHEN at_s - lag(at_s) OVER w <= window_s THEN 0
            ELSE 1
        END AS is_new
    FROM group_events
    WINDOW w AS (PARTITION BY group_no, site_no ORDER BY at_s, settlement_no)
),
numbered AS (
    SELECT *, sum(is_new) OVER (PARTITION BY group_no, site_no ORDER BY at_s, settlement_no) AS session_in_site
    FROM stepped
),
sized AS (
    SELECT group_no, count(DISTINCT unit_no) AS units FROM group_members GROUP BY group_no
),
held AS (
    SELECT n.group_no, n.site_no, n.session_in_site
    FROM numbered AS n JOIN sized AS z ON z.group_no = n.group_no
    GROUP BY n.group_no, n.site_no, n.session_in_site, z.units
    HAVING count(DISTINCT n.unit_no) >= greatest($least_units, ceil($least_share * z.units))
)
SELECT n.group_no, n.site_no, n.session_in_site, n.person_no, n.unit_no, n.settlement_no, n.day, n.at_s
FROM numbered AS n
JOIN held AS h ON h.group_no = n.group_no AND h.site_no = n.site_no AND h.session_in_site = n.session_in_site

-- Per group: what the sites' own days are like when it comes together, other persons' settlements only.
--   busy      share of its sessions on days with at least twice the site's usual number of persons; `usual` is the
--             share of such days at the site
--   at_once   share of sessions on days when most of at least ten other settlements bear one minute
--   in_heaps  share of sessions on days that follow two days without any settlement, though the site is open on most
--             days, and hold at least twice the usual number: several days' settlements under one date
WITH met AS (
    SELECT group_no, site_no, session_in_site, min(day) AS day FROM inside GROUP BY group_no, site_no, session_in_site
),
events AS (
    SELECT site_no, day, person_no, CASE WHEN has_clock THEN minute END AS minute
    FROM settlements
    WHERE is_event AND NOT is_manual AND site_no IN (SELECT site_no FROM met)
),
days AS (
    SELECT
        site_no, day, n, persons, median(persons) OVER site AS typical, count(*) OVER site AS open_days,
        max(day) OVER site - min(day) OVER site + 1 AS span_days,
        day - lag(day) OVER (PARTITION BY site_no ORDER BY day) AS since
    FROM (SELECT site_no, day, count(*) AS n, count(DISTINCT person_no) AS persons FROM events GROUP BY site_no, day)
    WINDOW site AS (PARTITION BY site_no)
),
usual AS (
    SELECT site_no, count(*) FILTER (WHERE persons >= greatest(2 * typical, 4)) / count(*) AS busy
    FROM days GROUP BY site_no
),
own AS (
    SELECT m.group_no, e.site_no, e.day, count(*) AS n, count(DISTINCT e.person_no) AS persons
    FROM (SELECT DISTINCT group_no, site_no, day FROM met) AS m
    JOIN group_members AS g ON g.group_no = m.group_no
    JOIN events AS e ON e.person_no = g.person_no AND e.site_no = m.site_no AND e.day = m.day
    GROUP BY m.group_no, e.site_no, e.day
),
at_once AS (
    SELECT group_no, site_no, day, max(n) AS most
    FROM (
        SELECT m.group_no, e.site_no, e.day, e.minute, count(*) AS n
        FROM (SELECT DISTINCT group_no, site_no, day FROM met) AS m
        JOIN events AS e ON e.site_no = m.site_no AND e.day = m.day AND e.minute IS NOT NULL
        ANTI JOIN group_members AS g ON g.group_no = m.group_no AND g.person_no = e.person_no
        GROUP BY m.group_no, e.site_no, e.day, e.minute
    )
    GROUP BY group_no, site_no, day
),
held AS (
    SELECT
        m.group_no, u.busy AS usual, d.n - coalesce(o.n, 0) AS n, coalesce(a.most, 0) AS most,
        d.persons - coalesce(o.persons, 0) >= greatest(2 * d.typical, 4) AS is_busy,
        d.since > 2 AND 2 * d.open_days > d.span_days AS after_gap
    FROM met AS m
    JOIN days AS d ON d.site_no = m.site_no AND d.day = m.day
    JOIN usual AS u ON u.site_no = m.site_no
    LEFT JOIN own AS o ON o.group_no = m.group_no AND o.site_no = m.site_no AND o.day = m.day
    LEFT JOIN at_once AS a ON a.group_no = m.group_no AND a.site_no = m.site_no AND a.day = m.day
)
SELECT
    group_no,
    count(*) FILTER (WHERE is_busy) / count(*) AS busy,
    avg(usual) AS usual,
    count(*) FILTER (WHERE n >= 10 AND 2 * most > n) / count(*) AS at_once,
    count(*) FILTER (WHERE is_busy AND after_gap) / count(*) AS in_heaps
FROM held
GROUP BY group_no

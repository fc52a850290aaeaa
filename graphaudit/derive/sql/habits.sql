-- How often a person used one slot of a site's calendar. The hundred-thousands of `slot` say which habit: 0 weekday
-- (and hour block where the window is short), 1 and 2 phase of a 28- and of a 30-day refill, 3 day of the month,
-- 4 market day (last digit of the day of the month). Only what some pair shares is counted.
WITH shared AS (
    SELECT person_a AS person_no, site_no FROM pair_sites UNION SELECT person_b, site_no FROM pair_sites
),
visits AS (
    SELECT DISTINCT
        v.person_no, v.site_no, v.day,
        CASE WHEN v.window_minutes = 1440 THEN 0 ELSE v.minute // (2 * v.window_minutes) END AS block,
        day(DATE '1970-01-01' + v.day) AS day_of_month
    FROM co_visits AS v
    JOIN shared AS s ON s.person_no = v.person_no AND s.site_no = v.site_no
)
SELECT person_no, site_no, CAST((day % 7) * 2000 + block AS INTEGER) AS slot, CAST(count(*) AS INTEGER) AS n
FROM visits GROUP BY person_no, site_no, slot
UNION ALL
SELECT person_no, site_no, CAST(100000 + day % 28 AS INTEGER) AS slot, CAST(count(*) AS INTEGER)
FROM visits GROUP BY person_no, site_no, slot
UNION ALL
SELECT person_no, site_no, CAST(200000 + day % 30 AS INTEGER) AS slot, CAST(count(*) AS INTEGER)
FROM visits GROUP BY person_no, site_no, slot
UNION ALL
SELECT person_no, site_no, CAST(300000 + day_of_month AS INTEGER) AS slot, CAST(count(*) AS INTEGER)
FROM visits GROUP BY person_no, site_no, slot
UNION ALL
SELECT person_no, site_no, CAST(400000 + day_of_month % 10 AS INTEGER) AS slot, CAST(count(*) AS INTEGER)
FROM visits GROUP BY person_no, site_no, slot

-- How often a person used one slot of a site's calendar: weekday (and hour block where the window is short), phase
-- of a 28- and of a 30-day refill, day of the month, and market day (last digit of the day of the month).
-- `cycles` is how often the slot came round.
WITH persons_met AS (
    SELECT person_a AS person_no FROM pair_volume UNION SELECT person_b FROM pair_volume
),
visits AS (
    SELECT DISTINCT
        v.person_no, v.site_no, v.day,
        CASE WHEN v.window_minutes = 1440 THEN 0 ELSE v.minute // (2 * v.window_minutes) END AS block,
        greatest(w.span_days, 28) AS span_days,
        day(DATE '1970-01-01' + v.day) AS day_of_month
    FROM co_visits AS v
    JOIN site_windows AS w ON w.site_no = v.site_no
    WHERE v.person_no IN (SELECT person_no FROM persons_met)
)
SELECT 'weekday' AS habit, person_no, site_no, (day % 7) * 2000 + block AS slot, any_value(span_days) / 7 AS cycles, count(*) AS n
FROM visits GROUP BY person_no, site_no, slot
UNION ALL
SELECT '28 days', person_no, site_no, day % 28, any_value(span_days) / 28, count(*)
FROM visits GROUP BY person_no, site_no, day % 28
UNION ALL
SELECT '30 days', person_no, site_no, day % 30, any_value(span_days) / 30, count(*)
FROM visits GROUP BY person_no, site_no, day % 30
UNION ALL
SELECT 'day of month', person_no, site_no, day_of_month, any_value(span_days) / 30.4, count(*)
FROM visits GROUP BY person_no, site_no, day_of_month
UNION ALL
SELECT 'market day', person_no, site_no, day_of_month % 10, any_value(span_days) / 10.1, count(*)
FROM visits GROUP BY person_no, site_no, day_of_month % 10

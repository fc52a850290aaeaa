-- How strange the items of each settlement are: bought by this person at no other time (rare items count for more), broken
-- off though their buyers go on, or seldom given with the settlement's diagnosis. Items go by their numbers in the
-- type departure_item; what a settlement alone bought is credited to it without looking at all others.
WITH billed AS (
    SELECT DISTINCT CAST(settlement_no AS BIGINT) << 32 | enum_code(CAST(item_code AS departure_item)) AS entry FROM lines
),
bought AS MATERIALIZED (
    SELECT
        e.settlement_no, e.day, e.diagnosis, CAST(l.entry & 4294967295 AS INTEGER) AS item_no,
        CAST(e.person_no AS BIGINT) << 32 | (l.entry & 4294967295) AS course
    FROM billed AS l JOIN departure_events AS e ON e.settlement_no = CAST(l.entry >> 32 AS INTEGER)
),
courses AS MATERIALIZED (
    SELECT
        course, count(*) AS times, min(day) AS first_day, max(day) AS last_day, any_value(settlement_no) AS settlement_no
    FROM bought GROUP BY course
),
-- what at least half of its buyers buy on and on, and the days between two purchases
buyers AS (
    SELECT
        CAST(course & 4294967295 AS INTEGER) AS item_no, count(*) AS n,
        CASE
            WHEN count(*) >= 20 AND 2 * count(*) FILTER (WHERE times >= 3) >= count(*)
                THEN median((last_day - first_day) / (times - 1)) FILTER (WHERE times >= 3)
        END AS step
    FROM courses GROUP BY item_no
),
kept AS MATERIALIZED (
    SELECT
        c.course, c.times, c.settlement_no, CASE WHEN c.times = 1 THEN ln(e.persons / b.n) ELSE 0 END AS foreign_item,
        -- at most a third of the refills that were due by now followed the first purchase
        coalesce((e.last_day - c.first_day) / b.step >= 1.5 AND c.times - 1 <= (e.last_day - c.first_day) / b.step / 3, FALSE)
            AS is_broken_off
    FROM courses AS c
    CROSS JOIN (
        SELECT max(last_day) AS last_day, count(*) AS persons
        FROM (SELECT course >> 32 AS person_no, max(last_day) AS last_day FROM courses GROUP BY person_no)
    ) AS e
    JOIN buyers AS b ON b.item_no = CAST(c.course & 4294967295 AS INTEGER)
),
pairs AS (SELECT diagnosis, item_no, count(*) AS n FROM bought WHERE diagnosis IS NOT NULL GROUP BY diagnosis, item_no),
fits AS (
    SELECT
        diagnosis, item_no,
        ln(n * sum(n) OVER () / (sum(n) OVER (PARTITION BY diagnosis) * sum(n) OVER (PARTITION BY item_no))) AS fit
    FROM pairs
),
told AS (
    SELECT b.settlement_no, 1 AS items, f.fit, 0 AS foreign_item, 0 AS broken_off
    FROM bought AS b LEFT JOIN fits AS f USING (diagnosis, item_no)
    UNION ALL
    SELECT settlement_no, 0, NULL, foreign_item, CAST(is_broken_off AS INTEGER) FROM kept WHERE times = 1
    UNION ALL
    SELECT b.settlement_no, 0, NULL, 0, 1
    FROM bought AS b SEMI JOIN (SELECT course FROM kept WHERE times > 1 AND is_broken_off) AS k USING (course)
)
SELECT
    settlement_no, sum(foreign_item) / sum(items) AS foreign_items, sum(broken_off) / sum(items) AS broken_off, -avg(fit) AS misfit
FROM told
GROUP BY settlement_no

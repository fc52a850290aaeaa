-- How strange the items of each settlement are: bought by this person at no other time (rare items count for more), broken
-- off though their buyers go on, or seldom given with the settlement's diagnosis.
WITH bought AS (
    SELECT e.person_no, l.settlement_no, e.day, l.item_code, e.diagnosis
    FROM (SELECT DISTINCT settlement_no, item_code FROM lines) AS l JOIN departure_events AS e USING (settlement_no)
),
courses AS (
    SELECT person_no, item_code, count(*) AS times, min(day) AS first_day, max(day) AS last_day
    FROM bought GROUP BY person_no, item_code
),
-- what at least half of its buyers buy on and on, and the days between two purchases
buyers AS (
    SELECT
        item_code, count(*) AS n,
        CASE
            WHEN count(*) >= 20 AND 2 * count(*) FILTER (WHERE times >= 3) >= count(*)
                THEN median((last_day - first_day) / (times - 1)) FILTER (WHERE times >= 3)
        END AS step
    FROM courses GROUP BY item_code
),
kept AS (
    SELECT
        c.person_no, c.item_code, CASE WHEN c.times = 1 THEN ln(e.persons / b.n) ELSE 0 END AS foreign_item,
        -- at most a third of the refills that were due by now followed the first purchase
        coalesce((e.last_day - c.first_day) / b.step >= 1.5 AND c.times - 1 <= (e.last_day - c.first_day) / b.step / 3, FALSE)
            AS is_broken_off
    FROM courses AS c
    CROSS JOIN (SELECT max(last_day) AS last_day, count(DISTINCT person_no) AS persons FROM courses) AS e
    JOIN buyers AS b USING (item_code)
),
pairs AS (SELECT diagnosis, item_code, count(*) AS n FROM bought WHERE diagnosis IS NOT NULL GROUP BY diagnosis, item_code),
fits AS (
    SELECT
        diagnosis, item_code,
        ln(n * sum(n) OVER () / (sum(n) OVER (PARTITION BY diagnosis) * sum(n) OVER (PARTITION BY item_code))) AS fit
    FROM pairs
)
SELECT
    b.settlement_no, avg(k.foreign_item) AS foreign_items, avg(CASE WHEN k.is_broken_off THEN 1 ELSE 0 END) AS broken_off,
    -avg(f.fit) AS misfit
FROM bought AS b
JOIN kept AS k USING (person_no, item_code)
LEFT JOIN fits AS f USING (diagnosis, item_code)
GROUP BY b.settlement_no

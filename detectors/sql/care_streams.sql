-- Uses of regular services (dialysis, courses of injections, rehabilitation …) by persons who do not use them regularly.
-- A service is regular when most of its uses are by persons who take it on at least twelve days, at most ten days apart
-- on the mean. A person with two uses or more is sparse when they lie three times as far apart as is usual for it.
-- An item that other care needs as well (a blood count: dialysis and chemotherapy) is a use of the service only where at
-- least half of the visit's fee is for what its regular users have at such visits.
WITH used AS (
    SELECT l.item_code, s.person_no, s.day, any_value(s.site_no) AS site_no, min(s.settlement_no) AS settlement_no
    FROM lines AS l JOIN settlements AS s USING (settlement_no)
    WHERE NOT l.is_drug AND s.is_event AND NOT s.is_manual AND s.kind IN ('outpatient', 'chronic', 'other')
    GROUP BY l.item_code, s.person_no, s.day
),
by_person AS (
    SELECT item_code, person_no, count(*) AS n, (max(day) - min(day)) / greatest(count(*) - 1, 1) AS apart
    FROM used GROUP BY item_code, person_no
),
regular AS MATERIALIZED (
    SELECT item_code, median(apart) FILTER (WHERE n >= 12) AS apart
    FROM by_person
    GROUP BY item_code
    HAVING sum(n) FILTER (WHERE n >= 12 AND apart <= 10) >= 0.6 * sum(n)
       AND count(*) FILTER (WHERE n >= 12 AND apart <= 10) >= 3
),
of_regular AS MATERIALIZED (
    SELECT u.item_code, u.settlement_no, p.n >= 12 AND p.apart <= 10 AS is_regular
    FROM used AS u
    JOIN regular AS r USING (item_code)
    JOIN by_person AS p USING (item_code, person_no)
),
-- what belongs to the service: on at least every tenth visit of a regular user
visited AS (SELECT item_code, count(*) AS n FROM of_regular WHERE is_regular GROUP BY item_code),
belongs AS (
    SELECT o.item_code, l.item_code AS other_code
    FROM of_regular AS o
    JOIN lines AS l USING (settlement_no)
    JOIN visited AS v ON v.item_code = o.item_code
    WHERE o.is_regular
    GROUP BY o.item_code, l.item_code, v.n
    HAVING count(DISTINCT o.settlement_no) >= 0.1 * v.n
),
foreign_visits AS (
    SELECT o.item_code, o.settlement_no
    FROM of_regular AS o
    JOIN lines AS l USING (settlement_no)
    LEFT JOIN belongs AS b ON b.item_code = o.item_code AND b.other_code = l.item_code
    WHERE NOT o.is_regular
    GROUP BY o.item_code, o.settlement_no
    HAVING coalesce(sum(l.amount_fen) FILTER (WHERE b.other_code IS NOT NULL), 0) < 0.5 * sum(l.amount_fen)
),
uses AS (
    SELECT u.item_code, u.person_no, u.day, u.site_no, u.settlement_no
    FROM used AS u
    JOIN regular USING (item_code)
    ANTI JOIN foreign_visits USING (item_code, settlement_no)
),
sparse AS (
    SELECT u.item_code, u.person_no
    FROM uses AS u JOIN regular AS r USING (item_code)
    GROUP BY u.item_code, u.person_no, r.apart
    HAVING count(*) BETWEEN 2 AND 11 AND (max(u.day) - min(u.day)) / greatest(count(*) - 1, 1) >= 3 * r.apart
)
SELECT
    u.item_code, u.site_no, u.person_no, u.day, u.settlement_no, r.apart AS usual,
    s.person_no IS NOT NULL AS is_sparse
FROM uses AS u
JOIN regular AS r USING (item_code)
LEFT JOIN sparse AS s ON s.item_code = u.item_code AND s.person_no = u.person_no
ORDER BY u.item_code, u.settlement_no

-- Uses of regular services (dialysis, courses of injections, rehabilitation …) by persons who do not use them regularly.
-- A service is regular when most of its uses are by persons who take it on at least twelve days, at most ten days apart
-- on the mean. A person with two uses or more is sparse when they lie three times as far apart as is usual for it.
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
regular AS (
    SELECT item_code, median(apart) FILTER (WHERE n >= 12) AS apart
    FROM by_person
    GROUP BY item_code
    HAVING sum(n) FILTER (WHERE n >= 12 AND apart <= 10) >= 0.6 * sum(n)
       AND count(*) FILTER (WHERE n >= 12 AND apart <= 10) >= 3
),
sparse AS (
    SELECT p.item_code, p.person_no
    FROM by_person AS p JOIN regular AS r USING (item_code)
    WHERE p.n BETWEEN 2 AND 11 AND p.apart >= 3 * r.apart
)
SELECT
    u.item_code, u.site_no, u.person_no, u.day, u.settlement_no, r.apart AS usual,
    s.person_no IS NOT NULL AS is_sparse
FROM used AS u
JOIN regular AS r USING (item_code)
LEFT JOIN sparse AS s ON s.item_code = u.item_code AND s.person_no = u.person_no
ORDER BY u.item_code, u.settlement_no

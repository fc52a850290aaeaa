-- Purchases after a visit among the settlements in group_settlements, per group, and whether each is odd for the patient
-- (at most `odd_p` of all visits are at least as odd); with the numbers of all such purchases of the city.
WITH filled AS (
    SELECT f.purchase_no, coalesce(v.odd_p, 1) <= $odd_p AS is_odd
    FROM (SELECT DISTINCT purchase_no FROM fills) AS f LEFT JOIN odd_visits AS v ON v.settlement_no = f.purchase_no
),
city AS (SELECT count(*) AS n, count(*) FILTER (is_odd) AS odd FROM filled)
SELECT DISTINCT g.group_no, f.purchase_no, f.is_odd, c.n AS all_purchases, c.odd AS all_odd
FROM group_settlements AS g
JOIN filled AS f ON f.purchase_no = g.settlement_no
CROSS JOIN city AS c
ORDER BY g.group_no, f.purchase_no

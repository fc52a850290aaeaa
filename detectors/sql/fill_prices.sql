-- What the purchases in `told_purchases` cost against the same drug in the same packing at the other pharmacies of the city
-- in the same month: `ratio` to what half of their sales cost at most, and whether they cost more than nineteen of twenty
-- of these sales (`is_dear`). Drugs that fewer than three other pharmacies sold in that month cannot be compared.
-- `others` and `others_dear` are the pharmacy's sales of the same drugs in these months to everybody else.
WITH told AS (
    SELECT t.purchase_no, s.site_no, s.day // 30 AS month, l.item_code, l.quantity, l.amount_fen
    FROM told_purchases AS t
    JOIN settlements AS s ON s.settlement_no = t.purchase_no
    JOIN lines AS l ON l.settlement_no = t.purchase_no
    WHERE l.is_drug AND l.quantity > 0 AND l.amount_fen > 0
),
cells AS (SELECT DISTINCT site_no, item_code, month FROM told),
sold AS MATERIALIZED (
    SELECT l.settlement_no, s.site_no, s.day // 30 AS month, l.item_code, l.amount_fen / l.quantity AS price
    FROM lines AS l
    JOIN settlements AS s USING (settlement_no)
    WHERE s.is_event AND s.kind = 'pharmacy' AND l.is_drug AND l.quantity > 0 AND l.amount_fen > 0
      AND l.item_code IN (SELECT item_code FROM cells)
),
usual AS (
    SELECT c.site_no, c.item_code, c.month, quantile_disc(o.price, 0.5) AS price, quantile_disc(o.price, 0.95) AS high
    FROM cells AS c JOIN sold AS o ON o.item_code = c.item_code AND o.month = c.month AND o.site_no <> c.site_no
    GROUP BY c.site_no, c.item_code, c.month
    HAVING count(DISTINCT o.site_no) >= 3
),
elsewhere AS (
    SELECT o.site_no, count(*) AS others, count(*) FILTER (o.price > u.high * 1.001) AS others_dear
    FROM sold AS o
    JOIN usual AS u USING (site_no, item_code, month)
    WHERE o.settlement_no NOT IN (SELECT purchase_no FROM told_purchases)
    GROUP BY o.site_no
)
SELECT
    t.purchase_no, coalesce(any_value(e.others), 0) AS others, coalesce(any_value(e.others_dear), 0) AS others_dear,
    -- whole thousandths, so that the order of summing does not show
    sum(t.amount_fen) / (sum(CAST(1000 * t.quantity * u.price AS BIGINT)) / 1000) AS ratio,
    -- a price is rounded to the fen
    sum(t.amount_fen) > 1.001 * sum(CAST(1000 * t.quantity * u.high AS BIGINT)) / 1000 AS is_dear
FROM told AS t
JOIN usual AS u USING (site_no, item_code, month)
LEFT JOIN elsewhere AS e USING (site_no)
GROUP BY t.purchase_no
ORDER BY t.purchase_no

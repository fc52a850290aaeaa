-- Purchases of lasting medicines by what makes peers: how many, and the sums of what is held beyond the purchase.
SELECT
    item_code, disease, age, months, count(*) AS n, CAST(sum(beyond) AS DOUBLE) AS total,
    CAST(sum(beyond * beyond) AS DOUBLE) AS squares
FROM stock
GROUP BY item_code, disease, age, months
ORDER BY item_code, disease, age, months

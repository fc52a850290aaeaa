WITH repeated AS (
    SELECT trace_code FROM pack_sales WHERE NOT returned
    GROUP BY trace_code HAVING count(DISTINCT coalesce(settlement_no, -1 - sale_no)) > 1
)
SELECT s.settlement_id AS start_key, k.trace_code AS end_key,
    min(epoch(k.sold_at)) AS sold_s, bool_or(k.split_pack) AS split_pack
FROM pack_sales AS k
JOIN repeated AS r ON r.trace_code = k.trace_code
JOIN graph_settlements AS g ON g.settlement_no = k.settlement_no
JOIN settlements AS s ON s.settlement_no = k.settlement_no
WHERE NOT k.returned
GROUP BY s.settlement_id, k.trace_code

SELECT a.settlement_id AS start_key, b.settlement_id AS end_key, min(f.gap_seconds) AS gap_seconds
FROM filled_by AS f
JOIN graph_settlements AS ga ON ga.settlement_no = f.visit_no
JOIN graph_settlements AS gb ON gb.settlement_no = f.purchase_no
JOIN settlements AS a ON a.settlement_no = f.visit_no
JOIN settlements AS b ON b.settlement_no = f.purchase_no
GROUP BY a.settlement_id, b.settlement_id

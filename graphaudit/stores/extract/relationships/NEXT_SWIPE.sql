SELECT a.settlement_id AS start_key, b.settlement_id AS end_key, n.gap_seconds
FROM next_swipe AS n
JOIN graph_settlements AS ga ON ga.settlement_no = n.from_no
JOIN graph_settlements AS gb ON gb.settlement_no = n.to_no
JOIN settlements AS a ON a.settlement_no = n.from_no
JOIN settlements AS b ON b.settlement_no = n.to_no

SELECT a.settlement_id AS start_key, b.settlement_id AS end_key, o.kind, o.minutes
FROM "overlaps" AS o
JOIN graph_settlements AS ga ON ga.settlement_no = o.from_no
JOIN graph_settlements AS gb ON gb.settlement_no = o.to_no
JOIN settlements AS a ON a.settlement_no = o.from_no
JOIN settlements AS b ON b.settlement_no = o.to_no

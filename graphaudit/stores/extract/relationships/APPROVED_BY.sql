SELECT s.settlement_id AS start_key, h.handler_id AS end_key, epoch(r.at) AS at_s, r.result
FROM reviews AS r
JOIN manual_cases AS c ON c.case_no = r.case_no
JOIN graph_settlements AS g ON g.settlement_no = c.settlement_no
JOIN settlements AS s ON s.settlement_no = g.settlement_no
JOIN handlers AS h ON h.handler_no = r.handler_no
WHERE r.step > 1

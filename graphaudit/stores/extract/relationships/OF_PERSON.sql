SELECT s.settlement_id AS start_key, p.person_id AS end_key
FROM graph_settlements AS g
JOIN settlements AS s ON s.settlement_no = g.settlement_no
JOIN persons AS p ON p.person_no = s.person_no

SELECT s.settlement_id AS start_key, d.doctor_id AS end_key, x.role
FROM settlement_doctors AS x
JOIN graph_settlements AS g ON g.settlement_no = x.settlement_no
JOIN settlements AS s ON s.settlement_no = x.settlement_no
JOIN doctors AS d ON d.doctor_no = x.doctor_no

SELECT s.settlement_id AS start_key, c.card_id AS end_key
FROM graph_settlements AS g
JOIN settlements AS s ON s.settlement_no = g.settlement_no
JOIN cards AS c ON c.card_no = s.card_no

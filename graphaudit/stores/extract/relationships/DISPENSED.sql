SELECT s.settlement_id AS start_key, l.item_code AS end_key,
    sum(l.quantity) AS quantity, sum(l.days) AS days, sum(l.amount_fen) AS amount_fen
FROM lines AS l
JOIN items AS i ON i.item_code = l.item_code AND i.is_drug AND i.resale_prone
JOIN graph_settlements AS g ON g.settlement_no = l.settlement_no
JOIN settlements AS s ON s.settlement_no = l.settlement_no
GROUP BY s.settlement_id, l.item_code

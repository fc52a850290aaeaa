SELECT s.settlement_id AS start_key, i.id AS end_key
FROM settlement_terminals AS t
JOIN graph_settlements AS g ON g.settlement_no = t.settlement_no
JOIN settlements AS s ON s.settlement_no = t.settlement_no
JOIN identifiers AS i ON i.kind = 'terminal' AND i.no = t.terminal_no

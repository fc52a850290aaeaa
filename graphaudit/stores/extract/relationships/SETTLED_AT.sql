SELECT s.settlement_id AS start_key, t.site_id AS end_key,
    CASE WHEN t.kind = 'pharmacy' THEN 'Pharmacy' ELSE 'Institution' END AS end_label
FROM graph_settlements AS g
JOIN settlements AS s ON s.settlement_no = g.settlement_no
JOIN sites AS t ON t.site_no = s.site_no

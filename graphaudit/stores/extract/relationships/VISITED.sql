SELECT p.person_id AS start_key, t.site_id AS end_key,
    CASE WHEN t.kind = 'pharmacy' THEN 'Pharmacy' ELSE 'Institution' END AS end_label,
    v.n, v.first_day, v.last_day, v.total_fen, v.fund_fen
FROM visited AS v
JOIN persons AS p ON p.person_no = v.person_no
JOIN sites AS t ON t.site_no = v.site_no

SELECT p.person_id AS start_key, t.site_id AS end_key,
    CASE WHEN t.kind = 'pharmacy' THEN 'Pharmacy' ELSE 'Institution' END AS end_label,
    c.n, c.expected, c.llr, c.site_llr
FROM clashes AS c
JOIN persons AS p ON p.person_no = c.person_no
JOIN sites AS t ON t.site_no = c.site_no

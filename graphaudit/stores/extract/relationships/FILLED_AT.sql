SELECT d.doctor_id AS start_key, t.site_id AS end_key,
    f.n, f.persons, f.doctor_share, f.pharmacy_share, f.expected, f.llr
FROM filled_at AS f
JOIN doctors AS d ON d.doctor_no = f.doctor_no
JOIN sites AS t ON t.site_no = f.site_no AND t.kind = 'pharmacy'

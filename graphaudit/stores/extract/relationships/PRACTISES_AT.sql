SELECT d.doctor_id AS start_key, t.site_id AS end_key, p.registered
FROM practices AS p
JOIN doctors AS d ON d.doctor_no = p.doctor_no
JOIN sites AS t ON t.site_no = p.site_no AND t.kind <> 'pharmacy'

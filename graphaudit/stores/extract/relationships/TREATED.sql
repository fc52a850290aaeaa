SELECT d.doctor_id AS start_key, p.person_id AS end_key, t.n, t.total_fen
FROM treated AS t
JOIN doctors AS d ON d.doctor_no = t.doctor_no
JOIN persons AS p ON p.person_no = t.person_no

SELECT p.person_id AS start_key, c.card_id AS end_key, h.n, h.first_day, h.last_day
FROM holds AS h
JOIN persons AS p ON p.person_no = h.person_no
JOIN cards AS c ON c.card_no = h.card_no

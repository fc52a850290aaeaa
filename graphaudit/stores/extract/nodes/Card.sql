SELECT c.card_id, c.kind, count(h.person_no) AS persons
FROM cards AS c
LEFT JOIN holds AS h ON h.card_no = c.card_no
GROUP BY c.card_id, c.kind

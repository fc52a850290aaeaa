-- A person was settled with a card.
SELECT person_no, card_no, count(*) AS n, min(day) AS first_day, max(day) AS last_day
FROM settlements
WHERE card_no IS NOT NULL AND is_event
GROUP BY person_no, card_no

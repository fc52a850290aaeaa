SELECT id AS phone_id, persons
FROM identifiers
WHERE kind = 'phone'

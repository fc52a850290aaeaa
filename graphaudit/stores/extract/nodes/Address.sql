SELECT id AS address_id, persons
FROM identifiers
WHERE kind = 'address'

SELECT id AS household_id, persons
FROM identifiers
WHERE kind = 'household'

SELECT id AS bank_account_id, persons
FROM identifiers
WHERE kind = 'bank_account'

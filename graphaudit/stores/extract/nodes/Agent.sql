SELECT id AS agent_id, persons
FROM identifiers
WHERE kind = 'agent'

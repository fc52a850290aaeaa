SELECT DISTINCT p.person_id AS start_key, i.id AS end_key
FROM registrations AS r
JOIN persons AS p ON p.person_no = r.person_no
JOIN identifiers AS i ON i.kind = 'agent' AND i.no = r.agent_no

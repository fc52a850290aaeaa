SELECT p.person_id AS start_key, e.employer_id AS end_key
FROM persons AS p
JOIN employers AS e ON e.employer_no = p.employer_no AND NOT e.is_virtual

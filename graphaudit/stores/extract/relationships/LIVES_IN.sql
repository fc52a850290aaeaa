SELECT p.person_id AS start_key, i.id AS end_key, 'Household' AS end_label
FROM persons AS p
JOIN identifiers AS i ON i.kind = 'household' AND i.no = p.household_no
UNION ALL
SELECT p.person_id AS start_key, i.id AS end_key, 'Address' AS end_label
FROM persons AS p
JOIN identifiers AS i ON i.kind = 'address' AND i.no = p.address_no

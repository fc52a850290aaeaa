SELECT e.employer_id, count(p.person_no) AS persons
FROM employers AS e
LEFT JOIN persons AS p ON p.employer_no = e.employer_no
WHERE NOT e.is_virtual
GROUP BY e.employer_id

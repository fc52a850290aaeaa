SELECT a.person_id AS start_key, b.person_id AS end_key, c.days, c.same_household, c.expected, c.llr
FROM co_present AS c
JOIN persons AS a ON a.person_no = c.person_a
JOIN persons AS b ON b.person_no = c.person_b

SELECT h.handler_id AS start_key, p.person_id AS end_key,
    v.n, v.person_cases, v.share, v.office_share, v.expected, v.llr
FROM serves AS v
JOIN handlers AS h ON h.handler_no = v.handler_no
JOIN persons AS p ON p.person_no = v.person_no

-- makes: canonical employers
SELECT k.no AS employer_no, k.value AS employer_id, coalesce(e.emp_name, s.name) AS name,
    coalesce(m.meaning = 'virtual', false) AS is_virtual
FROM key_employer k
LEFT JOIN clean.insu_emp_info_b e ON e.emp_no = k.value
LEFT JOIN seen_employers s ON s.employer = k.value
LEFT JOIN meanings m ON m.code_table = 'emp_mgt_type' AND m.code = coalesce(e.emp_mgt_type, s.kind)
ORDER BY employer_no

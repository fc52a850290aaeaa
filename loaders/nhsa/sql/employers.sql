-- makes: canonical employers
WITH seen AS (
    SELECT employer, max({'settled_at': settled_at, 'setl_id': setl_id, 'employer_name': employer_name}).employer_name AS name,
        max(employer_kind) AS kind
    FROM settled WHERE employer IS NOT NULL GROUP BY employer
)
SELECT k.no AS employer_no, k.value AS employer_id, coalesce(e.emp_name, s.name) AS name,
    coalesce(m.meaning = 'virtual', false) AS is_virtual
FROM key_employer k
LEFT JOIN clean.insu_emp_info_b e ON e.emp_no = k.value
LEFT JOIN seen s ON s.employer = k.value
LEFT JOIN meanings m ON m.code_table = 'emp_mgt_type' AND m.code = coalesce(e.emp_mgt_type, s.kind)
ORDER BY employer_no

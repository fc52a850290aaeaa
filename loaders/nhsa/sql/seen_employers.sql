-- makes: view seen_employers
-- What the last settlement of a member says about the employer, else the last visit.
SELECT employer, min_by(row.name, way) AS name, min_by(row.kind, way) AS kind FROM (
    SELECT emp_no AS employer, 1 AS way,
        max({'at': coalesce(setl_time, begndate), 'id': setl_id, 'name': emp_name, 'kind': emp_mgt_type}) AS row
    FROM clean.setl_d WHERE emp_no IS NOT NULL GROUP BY emp_no
    UNION ALL
    SELECT emp_no, 2, max({'at': begntime, 'id': mdtrt_id, 'name': emp_name, 'kind': emp_mgt_type})
    FROM clean.mdtrt_d WHERE emp_no IS NOT NULL GROUP BY emp_no
) GROUP BY employer

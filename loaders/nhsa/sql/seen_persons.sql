-- makes: view seen_persons
-- What the last settlement of a person says about the person, else the last visit.
WITH settling AS (
    SELECT psn_no, max({'at': coalesce(setl_time, begndate), 'id': setl_id, 'name': psn_name, 'sex': gend, 'born': brdy,
        'employer': emp_no}) AS row
    FROM clean.setl_d GROUP BY psn_no
), visiting AS (
    SELECT psn_no, max({'at': begntime, 'id': mdtrt_id, 'name': psn_name, 'sex': gend, 'born': brdy, 'employer': emp_no})
        AS row
    FROM clean.mdtrt_d GROUP BY psn_no
), insured AS (
    SELECT psn_no, max({'at': settled_at, 'id': setl_id, 'insurance_type': insurance_type, 'division': division}) AS row
    FROM settled GROUP BY psn_no
)
SELECT coalesce(s.psn_no, v.psn_no) AS psn_no, coalesce(s.row.name, v.row.name) AS name,
    coalesce(s.row.sex, v.row.sex) AS sex, coalesce(s.row.born, v.row.born) AS born,
    coalesce(s.row.employer, v.row.employer) AS employer, i.row.insurance_type AS insurance_type,
    i.row.division AS division
FROM settling s FULL JOIN visiting v ON v.psn_no = s.psn_no
LEFT JOIN insured i ON i.psn_no = s.psn_no

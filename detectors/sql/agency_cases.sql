-- Every manual case with the household behind it, where its money went, and the hands that it passed through.
WITH hands AS (
    SELECT
        r.case_no,
        arg_min(r.handler_no, (r.step, r.at, r.review_id)) AS first_by, arg_min(r.at, (r.step, r.at, r.review_id)) AS first_at,
        arg_max(r.handler_no, (r.step, r.at, r.review_id)) AS last_by, arg_max(r.at, (r.step, r.at, r.review_id)) AS last_at
    FROM reviews AS r
    WHERE r.step >= 1 AND r.handler_no IS NOT NULL AND r.at IS NOT NULL
    GROUP BY r.case_no
),
paid AS (SELECT case_no, min(bank_account_no) AS bank_account_no FROM payouts WHERE case_no IS NOT NULL GROUP BY case_no)
SELECT
    c.case_no, c.settlement_no, c.person_no, h.office, coalesce(c.reason, '') AS reason,
    unit_of(p.household_no, p.probable_household_no, p.person_no) AS unit_no,
    coalesce(c.bank_account_no, paid.bank_account_no) AS account_no, c.phone_no,
    date_diff('month', DATE '1970-01-01', CAST(c.accepted_at AS DATE)) AS in_month,
    date_diff('day', DATE '1970-01-01', CAST(c.accepted_at AS DATE)) AS entered_on, c.accepted_by AS entered_by,
    date_diff('day', DATE '1970-01-01', CAST(x.first_at AS DATE)) AS first_on, x.first_by,
    date_diff('day', DATE '1970-01-01', CAST(x.last_at AS DATE)) AS last_on, x.last_by
FROM manual_cases AS c
JOIN handlers AS h ON h.handler_no = c.accepted_by
JOIN persons AS p ON p.person_no = c.person_no
LEFT JOIN hands AS x ON x.case_no = c.case_no
LEFT JOIN paid ON paid.case_no = c.case_no
WHERE h.office IS NOT NULL AND c.accepted_at IS NOT NULL AND c.settlement_no IS NOT NULL
ORDER BY h.office, c.case_no

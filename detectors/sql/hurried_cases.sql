-- Every handler's part in a manual case, and whether it was done outside the office's hours or within a minute.
WITH acts AS (
    SELECT c.case_no, c.accepted_by AS handler_no, 0 AS step, c.accepted_at AS at FROM manual_cases AS c
    UNION ALL
    SELECT r.case_no, r.handler_no, r.step, r.at FROM reviews AS r WHERE r.step >= 1
),
placed AS (
    SELECT
        a.case_no, a.handler_no, a.step, a.at, h.office, CAST(a.at AS DATE) AS on_date,
        isodow(a.at) >= 6 AS at_weekend, hour(a.at) AS in_hour,
        -- a review within a minute of the handler's last one, or of the step before it
        a.step > 0 AND least(
            date_diff('second', lag(a.at) OVER (PARTITION BY a.handler_no ORDER BY a.at, a.case_no, a.step), a.at),
            date_diff('second', lag(a.at) OVER (PARTITION BY a.case_no ORDER BY a.step, a.at, a.handler_no), a.at)
        ) BETWEEN 0 AND $fast_seconds - 1 AS is_fast
    FROM acts AS a JOIN handlers AS h USING (handler_no)
    WHERE h.office IS NOT NULL AND a.at IS NOT NULL
),
office AS (SELECT office, count(*) AS n FROM placed GROUP BY office),
own AS (SELECT office, handler_no, count(*) AS n FROM placed GROUP BY ALL),
hours AS (SELECT office, at_weekend, in_hour, count(*) AS n FROM placed GROUP BY ALL),
own_hours AS (SELECT office, handler_no, at_weekend, in_hour, count(*) AS n FROM placed GROUP BY ALL),
told AS (
    SELECT
        p.*,
        -- the others of the office are hardly ever at work then
        o.n - w.n >= 200 AND t.n - u.n < $least_share * (o.n - w.n) AS is_late
    FROM placed AS p
    JOIN office AS o USING (office)
    JOIN own AS w USING (office, handler_no)
    JOIN hours AS t USING (office, at_weekend, in_hour)
    JOIN own_hours AS u USING (office, handler_no, at_weekend, in_hour)
),
-- a day on which several work late or in haste is the office's own affair: an outage, the end of a quarter
together AS (
    SELECT office, on_date FROM told WHERE is_late OR is_fast GROUP BY ALL HAVING count(DISTINCT handler_no) >= 3
),
parts AS (
    SELECT
        t.case_no, t.handler_no, min(date_diff('day', DATE '1970-01-01', t.on_date)) AS day,
        bool_or(t.is_late AND g.office IS NULL) AS is_late, bool_or(t.is_fast AND g.office IS NULL) AS is_fast
    FROM told AS t LEFT JOIN together AS g ON g.office = t.office AND g.on_date = t.on_date
    GROUP BY t.case_no, t.handler_no
),
paid AS (SELECT case_no, min(bank_account_no) AS bank_account_no FROM payouts WHERE case_no IS NOT NULL GROUP BY case_no)
SELECT
    x.handler_no, x.case_no, x.day, coalesce(x.is_late, FALSE) AS is_late, coalesce(x.is_fast, FALSE) AS is_fast,
    c.settlement_no, c.person_no, coalesce(c.bank_account_no, paid.bank_account_no) AS account_no, c.phone_no,
    unit_of(p.household_no, p.probable_household_no, p.person_no) AS unit_no
FROM parts AS x
JOIN manual_cases AS c ON c.case_no = x.case_no
JOIN persons AS p ON p.person_no = c.person_no
LEFT JOIN paid ON paid.case_no = c.case_no
WHERE c.settlement_no IS NOT NULL
ORDER BY x.handler_no, x.case_no

-- Manual cases of a person entered by one handler, against random assignment among the office's handlers of the
-- same month and case kind (the person's own cases left out; one pseudo-case is spread over the office).
WITH cases AS (
    SELECT
        c.case_no, c.person_no, c.accepted_by AS handler_no, coalesce(h.office, '') AS office,
        coalesce(c.reason, '') AS reason, date_trunc('month', c.accepted_at) AS in_month
    FROM manual_cases AS c
    JOIN handlers AS h ON h.handler_no = c.accepted_by
),
cell AS (SELECT office, reason, in_month, count(*) AS n, count(DISTINCT handler_no) AS handlers FROM cases GROUP BY ALL),
handler_cell AS (SELECT office, reason, in_month, handler_no, count(*) AS n FROM cases GROUP BY ALL),
person_cell AS (SELECT office, reason, in_month, person_no, count(*) AS n FROM cases GROUP BY ALL),
person_handler_cell AS (SELECT office, reason, in_month, person_no, handler_no, count(*) AS n FROM cases GROUP BY ALL),
counted AS (SELECT handler_no, person_no, count(*) AS n FROM cases GROUP BY ALL),
person_total AS (SELECT person_no, count(*) AS n FROM cases GROUP BY person_no),
expectation AS (
    SELECT
        k.handler_no, k.person_no,
        -- summed as whole billionths, so that no order of addition shows in the result
        sum(CAST(
            pc.n * (coalesce(hc.n, 0) - coalesce(phc.n, 0) + 1.0 / cell.handlers) / (cell.n - pc.n + 1) * 1e9 AS BIGINT
        )) / 1e9 AS expected
    FROM counted AS k
    JOIN person_cell AS pc ON pc.person_no = k.person_no
    JOIN cell ON cell.office = pc.office AND cell.reason = pc.reason AND cell.in_month IS NOT DISTINCT FROM pc.in_month
    LEFT JOIN handler_cell AS hc
        ON hc.office = pc.office AND hc.reason = pc.reason AND hc.in_month IS NOT DISTINCT FROM pc.in_month
       AND hc.handler_no = k.handler_no
    LEFT JOIN person_handler_cell AS phc
        ON phc.office = pc.office AND phc.reason = pc.reason AND phc.in_month IS NOT DISTINCT FROM pc.in_month
       AND phc.handler_no = k.handler_no AND phc.person_no = k.person_no
    GROUP BY k.handler_no, k.person_no
)
SELECT
    k.handler_no, k.person_no, k.n, t.n AS person_cases, k.n / t.n AS share,
    x.expected / t.n AS office_share, x.expected,
    CASE WHEN k.n > x.expected THEN k.n * ln(k.n / x.expected) - (k.n - x.expected) ELSE 0 END AS llr
FROM counted AS k
JOIN person_total AS t ON t.person_no = k.person_no
JOIN expectation AS x ON x.handler_no = k.handler_no AND x.person_no = k.person_no

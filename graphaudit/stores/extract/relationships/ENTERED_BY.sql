-- Who entered a manual case is named by the case; every other settlement by its operator.
WITH entered AS (
    SELECT settlement_no, min(case_no) AS case_no FROM manual_cases
    WHERE settlement_no IS NOT NULL AND accepted_by IS NOT NULL
    GROUP BY settlement_no
)
SELECT s.settlement_id AS start_key, h.handler_id AS end_key,
    epoch(coalesce(c.accepted_at, s.settled_at)) AS at_s, NULL AS result
FROM graph_settlements AS g
JOIN settlements AS s ON s.settlement_no = g.settlement_no
LEFT JOIN entered AS e ON e.settlement_no = s.settlement_no
LEFT JOIN manual_cases AS c ON c.case_no = e.case_no
JOIN handlers AS h ON h.handler_no = coalesce(c.accepted_by, s.handler_no)

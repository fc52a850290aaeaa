-- Of the cases in group_settlements (group_no, settlement_no), per group and step (entry; each review): how many each handler
-- of the office took, of how many, and the handler's share of the step in the office's other cases.
WITH acts AS (
    SELECT c.case_no, c.settlement_no, 'entered' AS step, h.office, c.accepted_by AS handler_no
    FROM manual_cases AS c JOIN handlers AS h ON h.handler_no = c.accepted_by
    WHERE h.office IS NOT NULL
    UNION
    SELECT c.case_no, c.settlement_no, 'reviewed', h.office, r.handler_no
    FROM manual_cases AS c JOIN reviews AS r USING (case_no) JOIN handlers AS h ON h.handler_no = r.handler_no
    WHERE r.step >= 1 AND h.office IS NOT NULL
),
of_office AS (SELECT office, step, count(*) AS n, count(DISTINCT handler_no) AS desks FROM acts GROUP BY office, step),
of_desk AS (SELECT office, step, handler_no, count(*) AS n FROM acts GROUP BY office, step, handler_no),
held AS (SELECT g.group_no, a.* FROM group_settlements AS g JOIN acts AS a USING (settlement_no)),
taken AS (SELECT group_no, office, step, handler_no, count(*) AS n FROM held GROUP BY ALL),
passed AS (SELECT group_no, office, step, count(*) AS n FROM held GROUP BY ALL)
SELECT
    t.group_no, t.n AS taken, p.n AS passed, o.desks,
    -- one act more at each desk: few other cases make no certainty
    (d.n - t.n + 1) / (o.n - p.n + o.desks) AS share
FROM taken AS t
JOIN passed AS p ON p.group_no = t.group_no AND p.office = t.office AND p.step = t.step
JOIN of_office AS o ON o.office = t.office AND o.step = t.step
JOIN of_desk AS d ON d.office = t.office AND d.step = t.step AND d.handler_no = t.handler_no
ORDER BY t.group_no, t.office, t.step, t.handler_no

-- Invoices on which one person was paid more than once: by two paper claims, or by a paper claim and online. A claim
-- that was sent back was never paid, and an online settlement that was refunded is no event: neither is here.
-- Everybody whose claims a handler entered could be a case; an office stands where the others have an institution.
WITH given AS (
    SELECT settlement_no, min(invoice_no) AS invoice_no, min(accepted_by) AS accepted_by
    FROM manual_cases WHERE settlement_no IS NOT NULL
    GROUP BY settlement_no
),
paid AS (
    SELECT s.settlement_no, s.person_no, s.is_manual OR g.settlement_no IS NOT NULL AS on_paper,
        coalesce(g.invoice_no, s.invoice_no) AS invoice_no, coalesce(g.accepted_by, s.handler_no) AS handler_no
    FROM settlements AS s LEFT JOIN given AS g USING (settlement_no)
    WHERE s.is_event
),
offices AS (
    SELECT handler_no, dense_rank() OVER (ORDER BY coalesce(office, '')) AS office_no FROM handlers
),
claims AS (
    SELECT p.settlement_no, p.person_no, p.invoice_no, p.handler_no, o.office_no
    FROM paid AS p JOIN offices AS o USING (handler_no)
    WHERE p.on_paper
),
pairs AS (
    SELECT c.person_no, c.settlement_no, c.office_no, c.handler_no, p.settlement_no AS other_no, p.on_paper
    FROM claims AS c
    JOIN paid AS p ON p.person_no = c.person_no AND p.invoice_no = c.invoice_no AND p.settlement_no <> c.settlement_no
    WHERE c.invoice_no IS NOT NULL
),
told AS (
    SELECT person_no, settlement_no, office_no, handler_no, on_paper FROM pairs
    UNION
    SELECT person_no, other_no, office_no, handler_no, on_paper FROM pairs
),
seen AS (SELECT office_no, handler_no, count(DISTINCT person_no) AS n FROM claims GROUP BY office_no, handler_no),
in_office AS (SELECT office_no, sum(n) AS n FROM seen GROUP BY office_no)
SELECT
    t.person_no, t.settlement_no, t.office_no AS site_no, t.handler_no AS doctor_no,
    CASE WHEN t.on_paper THEN 'paper' ELSE 'online' END AS side, d.n AS doctor_n, x.n AS site_n,
    (SELECT sum(n) FROM seen) AS city_n, (SELECT count(*) FROM seen) + (SELECT count(*) FROM in_office) AS cells
FROM told AS t
JOIN seen AS d USING (office_no, handler_no)
JOIN in_office AS x USING (office_no)
ORDER BY t.settlement_no, t.handler_no

-- Per finding of a pattern: the accounts, contact phones and invoices that its settlements share between its households.
-- A key is as rare as few of its kind join households anywhere: so many nats each tells. The keys are those that the graph
-- has; the payment that was booked outranks the account written on the case.
WITH paid AS (
    SELECT coalesce(d.settlement_no, c.settlement_no) AS settlement_no, min(d.bank_account_no) AS bank_account_no
    FROM payouts AS d LEFT JOIN manual_cases AS c USING (case_no)
    WHERE d.bank_account_no IS NOT NULL
    GROUP BY ALL
),
given AS (
    SELECT
        settlement_no, min(bank_account_no) AS bank_account_no, min(phone_no) AS phone_no, min(invoice_no) AS invoice_no
    FROM manual_cases WHERE settlement_no IS NOT NULL GROUP BY settlement_no
),
settled AS (
    SELECT
        s.settlement_no, s.person_no, coalesce(paid.bank_account_no, g.bank_account_no) AS bank_account_no,
        coalesce(s.phone_no, g.phone_no) AS phone_no, coalesce(g.invoice_no, s.invoice_no) AS invoice_no
    FROM settlements AS s LEFT JOIN given AS g USING (settlement_no) LEFT JOIN paid USING (settlement_no)
    WHERE s.is_manual OR g.settlement_no IS NOT NULL OR s.kind IN ('inpatient', 'maternity')
),
written AS MATERIALIZED (
    SELECT 'bank_account' AS kind, CAST(bank_account_no AS VARCHAR) AS key, settlement_no, person_no
    FROM settled WHERE bank_account_no IS NOT NULL
    UNION ALL
    SELECT 'phone', CAST(phone_no AS VARCHAR), settlement_no, person_no FROM settled WHERE phone_no IS NOT NULL
    UNION ALL
    SELECT 'invoice', invoice_no, settlement_no, person_no FROM settled WHERE invoice_no IS NOT NULL
),
margins AS (
    SELECT kind, -ln((count(*) FILTER (WHERE units >= 2) + 0.5) / (count(*) + 1)) AS rarity
    FROM (
        SELECT w.kind, w.key, count(DISTINCT coalesce(2 * p.household_no, 2 * p.person_no + 1)) AS units
        FROM written AS w JOIN persons AS p USING (person_no)
        GROUP BY w.kind, w.key
    )
    GROUP BY kind
),
shared AS (
    SELECT m.group_no, w.kind, w.key, count(DISTINCT m.unit_no) AS units
    FROM group_settlements AS s
    JOIN written AS w USING (settlement_no)
    JOIN group_members AS m ON m.group_no = s.group_no AND m.person_no = w.person_no
    GROUP BY m.group_no, w.kind, w.key
    HAVING count(DISTINCT m.unit_no) >= 2
),
units AS (SELECT group_no, count(DISTINCT unit_no) AS units FROM group_members GROUP BY group_no)
SELECT
    s.group_no, count(*) FILTER (WHERE s.kind = 'invoice') AS invoices, count(DISTINCT s.kind) AS key_kinds,
    CAST(round(sum(r.rarity)) AS INTEGER) AS key_rarity, any_value(u.units) - max(s.units) AS households_beyond_a_key
FROM shared AS s JOIN margins AS r USING (kind) JOIN units AS u USING (group_no)
GROUP BY s.group_no

-- The case knows the paper better than the settlement that paid it.
WITH claims AS (
    SELECT invoice_no, person_no FROM manual_cases
    UNION ALL
    SELECT s.invoice_no, s.person_no FROM settlements AS s
    WHERE s.is_manual AND s.settlement_no NOT IN (
        SELECT settlement_no FROM manual_cases WHERE settlement_no IS NOT NULL AND invoice_no IS NOT NULL
    )
)
SELECT invoice_no, count(DISTINCT person_no) AS persons
FROM claims
WHERE invoice_no IS NOT NULL
GROUP BY invoice_no

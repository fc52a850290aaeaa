WITH given AS (
    SELECT settlement_no, min(invoice_no) AS invoice_no FROM manual_cases
    WHERE settlement_no IS NOT NULL AND invoice_no IS NOT NULL
    GROUP BY settlement_no
)
SELECT s.settlement_id AS start_key, coalesce(given.invoice_no, s.invoice_no) AS end_key
FROM graph_settlements AS g
JOIN settlements AS s ON s.settlement_no = g.settlement_no
LEFT JOIN given ON given.settlement_no = s.settlement_no
WHERE coalesce(given.invoice_no, s.invoice_no) IS NOT NULL AND (s.is_manual OR given.settlement_no IS NOT NULL)

-- The payment that was booked outranks the account written on the case.
WITH paid AS (
    SELECT coalesce(d.settlement_no, c.settlement_no) AS settlement_no, min(d.bank_account_no) AS account_no
    FROM payouts AS d
    LEFT JOIN manual_cases AS c ON c.case_no = d.case_no
    WHERE d.bank_account_no IS NOT NULL
    GROUP BY coalesce(d.settlement_no, c.settlement_no)
), given AS (
    SELECT settlement_no, min(bank_account_no) AS account_no FROM manual_cases
    WHERE settlement_no IS NOT NULL AND bank_account_no IS NOT NULL
    GROUP BY settlement_no
)
SELECT s.settlement_id AS start_key, i.id AS end_key
FROM graph_settlements AS g
JOIN settlements AS s ON s.settlement_no = g.settlement_no
LEFT JOIN paid ON paid.settlement_no = s.settlement_no
LEFT JOIN given ON given.settlement_no = s.settlement_no
JOIN identifiers AS i ON i.kind = 'bank_account' AND i.no = coalesce(paid.account_no, given.account_no)
WHERE s.is_manual OR given.settlement_no IS NOT NULL

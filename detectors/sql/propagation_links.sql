-- Who has to do with which site, doctor, phone, account and card, and how often; last, whom with in tested co-presence:
-- each pair is something that two persons share.
WITH pairs AS (
    SELECT person_a, person_b, days, row_number() OVER (ORDER BY person_a, person_b) - 1 AS no
    FROM co_present WHERE NOT same_household
)
SELECT person_no, 0 AS kind, site_no AS no, n FROM visited
UNION ALL
SELECT person_no, 1 AS kind, doctor_no AS no, n FROM treated
UNION ALL
SELECT person_no, 2 AS kind, phone_no AS no, count(*) AS n FROM (
    SELECT person_no, phone_no FROM persons WHERE phone_no IS NOT NULL
    UNION ALL SELECT person_no, phone_no FROM settlements WHERE phone_no IS NOT NULL
) GROUP BY person_no, phone_no
UNION ALL
SELECT s.person_no, 3 AS kind, p.bank_account_no AS no, count(*) AS n
FROM payouts AS p JOIN settlements AS s USING (settlement_no) WHERE p.bank_account_no IS NOT NULL
GROUP BY s.person_no, p.bank_account_no
UNION ALL
SELECT person_no, 4 AS kind, card_no AS no, n FROM holds
UNION ALL
SELECT unnest([person_a, person_b]) AS person_no, 5 AS kind, no, days AS n FROM pairs
ORDER BY ALL

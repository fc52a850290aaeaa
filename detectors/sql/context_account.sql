-- Paper cases paid to one account.
SELECT CAST(bank_account_no AS BIGINT) AS key, settlement_no FROM payouts
WHERE bank_account_no IS NOT NULL AND settlement_no IS NOT NULL

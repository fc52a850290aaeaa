-- makes: view case_accounts
-- The account of a case: as registered, else as an event says, else as it was paid.
SELECT case_id, min_by(account, (way, account)) AS account, min_by(holder, (way, account)) AS holder FROM (
    SELECT med_fee_reg_id AS case_id, as_account(bankacct) AS account, acctname AS holder, 1 AS way
    FROM clean.cent_manl_reim_reg_d
    UNION ALL SELECT med_fee_reg_id, as_account(bankacct), acctname, 2 FROM clean.cent_manl_reim_reg_evt_c
    UNION ALL SELECT case_id, as_account(bankacct), acctname, 3 FROM paid_out WHERE case_id IS NOT NULL
) WHERE account IS NOT NULL GROUP BY case_id

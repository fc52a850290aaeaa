-- makes: numbers key_bank_account B
SELECT account FROM case_accounts UNION SELECT as_account(bankacct) FROM paid_out

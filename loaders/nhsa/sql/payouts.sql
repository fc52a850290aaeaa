-- makes: canonical payouts
SELECT d.dfr_id AS payout_id, c.no AS case_no, s.no AS settlement_no, b.no AS bank_account_no, d.dfr_sumamt AS amount_fen,
    coalesce(d.fin_acen_time, d.opt_time, d.crte_time) AS paid_at
FROM paid_out d
LEFT JOIN key_case c ON c.value = d.case_id
LEFT JOIN key_settlement s ON s.value = d.settlement_id
LEFT JOIN key_bank_account b ON b.value = as_account(d.bankacct)
ORDER BY payout_id

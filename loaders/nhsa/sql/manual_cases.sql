-- makes: canonical manual_cases
SELECT k.no AS case_no, c.med_fee_reg_id AS case_id, s.no AS settlement_no, p.no AS person_no, h.no AS accepted_by,
    coalesce(c.crte_time, c.opt_time, c.begntime) AS accepted_at, b.no AS bank_account_no, ph.no AS phone_no,
    c.invono AS invoice_no, c.sumfee AS total_fen, c.manl_reim_rea AS reason, c.reim_stas AS state,
    f.name AS source_file, c.line AS source_line
FROM clean.cent_manl_reim_reg_d c
JOIN key_case k ON k.value = c.med_fee_reg_id
JOIN key_person p ON p.value = c.psn_no
JOIN files f ON f.file_no = c.file_no
LEFT JOIN case_settlements cs ON cs.case_id = c.med_fee_reg_id
LEFT JOIN key_settlement s ON s.value = cs.setl_id
LEFT JOIN key_handler h ON h.value = coalesce(c.crter_id, c.opter_id)
LEFT JOIN case_accounts a ON a.case_id = c.med_fee_reg_id
LEFT JOIN key_bank_account b ON b.value = a.account
LEFT JOIN phones ph ON ph.raw = c.tel
ORDER BY case_no

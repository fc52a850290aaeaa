-- makes: view refund_rows
-- A refund names its original or is negative. A flagged row with a positive total that others name is an original
-- which its system marked as refunded; one that nobody names is a refund whose original is unknown.
SELECT file_no, line, setl_id, init_setl_id, coalesce(setl_time, begndate) AS refunded_at,
    abs(medfee_sumamt) AS total_fen,
    abs(coalesce(fund_pay_sumamt, coalesce(hifp_pay, 0) + coalesce(cvlserv_pay, 0) + coalesce(hifes_pay, 0)
        + coalesce(hifmi_pay, 0) + coalesce(hifob_pay, 0) + coalesce(hifdm_pay, 0) + coalesce(maf_pay, 0)
        + coalesce(othfund_pay, 0))) AS fund_fen
FROM clean.setl_d
WHERE coalesce(refd_setl_flag, false) AND (init_setl_id IS NOT NULL OR medfee_sumamt < 0
        OR setl_id NOT IN (SELECT init_setl_id FROM clean.setl_d WHERE init_setl_id IS NOT NULL))
    OR init_setl_id IS NOT NULL AND medfee_sumamt < 0

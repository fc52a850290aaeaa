-- makes: view settled
-- joins: as written
-- One row per original settlement with what its visit adds; still in the source's own ids. What belongs to the person,
-- the site or the employer is left out: it would be carried through the widest join of the load.
SELECT *,
    CASE WHEN is_manual THEN operator ELSE fixmedins_code || ':' || operator END AS handler,
    -- Without a clock on its start, a visit of the settlement's day is known best by the settlement itself.
    CASE WHEN kind <> 'inpatient' AND NOT has_clock(began) AND began::DATE = settled_at::DATE THEN settled_at
        ELSE began END AS begin_at,
    greatest(begin_at, coalesce(ended, CASE WHEN kind = 'inpatient' THEN settled_at ELSE begin_at END)) AS end_at
FROM (
    SELECT s.setl_id, s.mdtrt_id, s.psn_no, s.fixmedins_code, s.file_no, s.line,
        coalesce(s.med_type, m.med_type) AS category,
        coalesce(exact.meaning, prefix.meaning, 'other') AS kind,
        CASE WHEN m.begntime IS NOT NULL AND (s.begndate IS NULL
                OR NOT has_clock(s.begndate) AND s.begndate::DATE = m.begntime::DATE) THEN m.begntime
            ELSE coalesce(s.begndate, s.setl_time) END AS began,
        CASE WHEN m.endtime IS NOT NULL AND (s.enddate IS NULL
                OR NOT has_clock(s.enddate) AND s.enddate::DATE = m.endtime::DATE) THEN m.endtime
            ELSE s.enddate END AS ended,
        coalesce(s.setl_time, s.begndate) AS settled_at,
        s.medfee_sumamt AS total_fen,
        coalesce(s.fund_pay_sumamt, coalesce(s.hifp_pay, 0) + coalesce(s.cvlserv_pay, 0) + coalesce(s.hifes_pay, 0)
            + coalesce(s.hifmi_pay, 0) + coalesce(s.hifob_pay, 0) + coalesce(s.hifdm_pay, 0) + coalesce(s.maf_pay, 0)
            + coalesce(s.othfund_pay, 0)) AS fund_fen,
        coalesce(s.acct_pay, 0) AS account_fen,
        coalesce(s.cash_payamt, greatest(s.psn_pay - coalesce(s.acct_pay, 0), 0), 0) AS cash_fen,
        r.refunded_at, coalesce(r.refunded_fen, 0) AS refunded_fen,
        coalesce(r.refunded_fund_fen, 0) AS refunded_fund_fen,
        is_one_of(s.setl_type, 'manual_setl_type') OR is_one_of(s.pay_loc, 'manual_pay_loc')
            OR s.manl_reim_rea IS NOT NULL OR c.mdtrt_id IS NOT NULL AS is_manual,
        coalesce(m.dscg_maindiag_code, s.dscg_maindiag_code, m.dise_no, s.dise_no) AS diagnosis_code,
        coalesce(m.doctor, known_doctor(s.chfpdr_code)) AS doctor,
        coalesce(s.opter_id, s.crter_id) AS operator,
        CASE WHEN s.opter_id IS NULL THEN s.crter_name ELSE s.opter_name END AS operator_name,
        s.optins_no AS office, s.invono AS invoice_no,
        coalesce(s.insutype, m.insutype) AS insurance_type, coalesce(s.insu_admdvs, m.insu_admdvs) AS division,
        coalesce(m.tel, s.tel) AS phone, coalesce(m.addr, s.addr) AS address,
        coalesce(m.bed, s.dscg_bed, s.adm_bed, s.wardarea_bed) AS bed,
        coalesce(m.dscg_way, s.dscg_way) AS discharge_way, coalesce(m.die_date, s.die_date) AS died_at,
        coalesce(s.mdtrt_cert_type, m.mdtrt_cert_type, CASE WHEN s.ssc_cardno IS NOT NULL THEN '03' END) AS card_type,
        coalesce(s.mdtrt_cert_no, m.mdtrt_cert_no, s.ssc_cardno) AS card_number
    FROM clean.setl_d s
    LEFT JOIN (SELECT mdtrt_id, med_type, begntime, endtime, dscg_maindiag_code, dise_no, known_doctor(chfpdr_code) AS doctor,
            insutype, insu_admdvs, tel, addr, coalesce(dscg_bed, adm_bed, wardarea_bed) AS bed, dscg_way, die_date,
            mdtrt_cert_type, mdtrt_cert_no
        FROM clean.mdtrt_d) m ON m.mdtrt_id = s.mdtrt_id
    LEFT JOIN refunds r ON r.init_setl_id = s.setl_id
    LEFT JOIN (SELECT DISTINCT mdtrt_id FROM clean.cent_manl_reim_reg_d) c ON c.mdtrt_id = s.mdtrt_id
    LEFT JOIN meanings exact ON exact.code_table = 'med_type' AND exact.code = coalesce(s.med_type, m.med_type)
    LEFT JOIN meanings prefix ON prefix.code_table = 'med_type' AND prefix.code = coalesce(s.med_type, m.med_type)[:2]
        AND length(coalesce(s.med_type, m.med_type)) IN (4, 6)
)

-- makes: canonical lines
SELECT l.bkkp_sn AS line_id, k.no AS settlement_no, l.item AS item_code, l.med_chrgitm_type AS charge_type, l.is_drug,
    coalesce(l.cnt, 1) + coalesce(b.cnt, 0) AS quantity, TRY_CAST(round(l.prd_days) AS INTEGER) AS days,
    l.det_item_fee_sumamt + coalesce(b.amount_fen, 0) AS amount_fen,
    d.no AS doctor_no, l.fee_ocur_time AS occurred_at, l.rx_circ_flag AS external_prescription,
    f.name AS source_file, l.line AS source_line
FROM (SELECT *, coalesce(hilist_code, med_list_codg, medins_list_codg) AS item,
        CASE WHEN list_type IS NULL AND med_chrgitm_type IS NULL
                THEN regexp_matches(coalesce(hilist_code, med_list_codg, medins_list_codg), '^[XZT][A-Z0-9]')
            ELSE is_one_of(list_type, 'drug_list_type')
                OR is_one_of(med_chrgitm_type, 'drug_med_chrgitm_type') END AS is_drug
    FROM clean.fee_list_d) l
JOIN key_settlement k ON k.value = l.setl_id
LEFT JOIN key_doctor d ON d.value = l.bilg_dr_code
LEFT JOIN (SELECT bkkp_sn, sum(cnt) AS cnt, sum(amount_fen)::BIGINT AS amount_fen FROM line_returns GROUP BY bkkp_sn) b
    ON b.bkkp_sn = l.bkkp_sn
JOIN files f ON f.file_no = l.file_no
ORDER BY settlement_no, line_id

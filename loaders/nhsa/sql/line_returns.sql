-- makes: view line_returns
-- Negative lines that take back part of a line of the same settlement.
SELECT b.file_no, b.line, o.bkkp_sn, coalesce(b.cnt, -1) AS cnt, b.det_item_fee_sumamt AS amount_fen
FROM clean.fee_list_d b
JOIN clean.fee_list_d o ON o.bkkp_sn = b.init_feedetl_sn AND o.setl_id = b.setl_id
WHERE b.det_item_fee_sumamt < 0 AND b.init_feedetl_sn IS NOT NULL AND o.det_item_fee_sumamt >= 0
    AND b.setl_id IN (SELECT value FROM key_settlement)

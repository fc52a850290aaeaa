-- makes: canonical settlements
SELECT k.no AS settlement_no, s.setl_id AS settlement_id, s.mdtrt_id AS visit_id, p.no AS person_no, c.no AS card_no,
    t.no AS site_no,
    CASE WHEN s.kind = 'other' AND s.category IS NULL AND si.kind = 'pharmacy' THEN 'pharmacy' ELSE s.kind END AS kind,
    s.category AS medical_category, s.begin_at, s.end_at, s.settled_at, has_clock(s.settled_at) AS has_clock,
    s.settled_at::DATE - DATE '1970-01-01' AS day,
    CASE WHEN has_clock(s.settled_at) THEN hour(s.settled_at) * 60 + minute(s.settled_at) END AS minute,
    s.total_fen, s.fund_fen, s.account_fen, s.cash_fen, s.refunded_at, s.refunded_fen, s.refunded_fund_fen,
    NOT (s.refunded_fen > 0 AND s.refunded_fen >= s.total_fen) AS is_event,
    s.is_manual, s.diagnosis_code, coalesce(d.no, l.doctor_no) AS doctor_no, h.no AS handler_no, s.invoice_no,
    s.insurance_type, s.division, ph.no AS phone_no, s.bed, s.discharge_way,
    f.name AS source_file, s.line AS source_line
FROM settled s
JOIN key_settlement k ON k.value = s.setl_id
JOIN key_person p ON p.value = s.psn_no
JOIN key_site t ON t.value = s.fixmedins_code
JOIN canonical.sites si ON si.site_no = t.no
JOIN files f ON f.file_no = s.file_no
LEFT JOIN key_card c ON c.value = coalesce(s.card_type, '') || '-' || s.card_number
LEFT JOIN key_doctor d ON d.value = s.doctor
LEFT JOIN (SELECT settlement_no, arg_max(doctor_no, n * 4294967296 - doctor_no) AS doctor_no FROM line_doctors
    GROUP BY settlement_no) l ON l.settlement_no = k.no
LEFT JOIN key_handler h ON h.value = s.handler
LEFT JOIN phones ph ON ph.raw = s.phone
ORDER BY settlement_no

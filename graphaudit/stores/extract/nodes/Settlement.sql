SELECT s.settlement_id, s.kind, s.begin_at, s.end_at, s.settled_at,
    epoch(s.begin_at) AS begin_s, epoch(s.end_at) AS end_s, epoch(s.settled_at) AS settled_s,
    s.day, s.minute, s.total_fen, s.fund_fen, s.account_fen, s.cash_fen, s.diagnosis_code, s.is_manual,
    s.refunded_at, s.refunded_fen
FROM graph_settlements AS g
JOIN settlements AS s ON s.settlement_no = g.settlement_no

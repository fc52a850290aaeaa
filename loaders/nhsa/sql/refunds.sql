-- makes: view refunds
SELECT init_setl_id, max(refunded_at) AS refunded_at, sum(total_fen)::BIGINT AS refunded_fen,
    sum(fund_fen)::BIGINT AS refunded_fund_fen
FROM refund_rows WHERE init_setl_id IS NOT NULL GROUP BY init_setl_id

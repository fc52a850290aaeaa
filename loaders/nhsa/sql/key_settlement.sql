-- makes: numbers key_settlement
SELECT setl_id FROM settled

-- What went through one terminal.
SELECT CAST(t.terminal_no AS BIGINT) AS key, t.settlement_no FROM settlement_terminals AS t

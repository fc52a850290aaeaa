-- Settlements of the last 92 days, and those that a derived relationship touches.
SELECT settlement_no FROM settlements WHERE day > (SELECT max(day) FROM settlements) - 92
UNION
SELECT settlement_no FROM touched_settlements

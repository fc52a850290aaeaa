-- Settlements that a sparse derived relationship or a manual case touches.
SELECT settlement_no FROM touched_settlements

-- Every settlement becomes a node.
SELECT settlement_no FROM settlements

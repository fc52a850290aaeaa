-- Every item that a bill names, in the order in which they are numbered; one stands for none where there is no bill.
SELECT item_code FROM lines WHERE item_code IS NOT NULL
UNION
SELECT ''
ORDER BY item_code

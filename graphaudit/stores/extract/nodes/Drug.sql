SELECT item_code, name, resale_prone
FROM items
WHERE is_drug

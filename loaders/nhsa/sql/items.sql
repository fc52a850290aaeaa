-- makes: canonical items
WITH names AS (
    SELECT item, max({'n': n, 'name': name}).name AS name FROM (
        SELECT coalesce(hilist_code, med_list_codg, medins_list_codg) AS item, hilist_name AS name, count(*) AS n
        FROM clean.fee_list_d WHERE hilist_name IS NOT NULL GROUP BY ALL)
    GROUP BY item
), met AS (
    SELECT item_code, bool_or(is_drug) AS is_drug FROM canonical.lines GROUP BY item_code
)
SELECT m.item_code, n.name, m.is_drug,
    m.is_drug AND EXISTS (FROM resale_prone p WHERE p.code_prefix <> '' AND starts_with(m.item_code, p.code_prefix)
        OR p.name <> '' AND contains(n.name, p.name)) AS resale_prone
FROM met m LEFT JOIN names n ON n.item = m.item_code
ORDER BY item_code

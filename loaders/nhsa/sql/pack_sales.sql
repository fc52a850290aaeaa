-- makes: canonical pack_sales
SELECT row_number() OVER (ORDER BY trace_code, settlement_no NULLS LAST, sold_at NULLS LAST, site_no, person_no,
        item_code, quantity, split_pack, returned) - 1 AS sale_no,
    trace_code, settlement_no, site_no, person_no, item_code, sold_at, quantity, split_pack, returned
FROM (SELECT s.*, EXISTS (FROM returned_sales x WHERE x.sale_file = s.file_no AND x.sale_line = s.line
        AND x.trace_code = s.trace_code) AS returned
    FROM sales s)
ORDER BY sale_no

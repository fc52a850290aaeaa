-- makes: view sales
SELECT t.*, row_number() OVER (PARTITION BY trace_code, settlement_no, site_no ORDER BY sold_at DESC NULLS LAST, person_no,
    item_code, quantity) AS nth_last
FROM told_sales t
WHERE way = 1 OR NOT EXISTS (FROM told_sales p WHERE p.way = 1 AND p.trace_code = t.trace_code
    AND p.settlement_no IS NOT DISTINCT FROM t.settlement_no)

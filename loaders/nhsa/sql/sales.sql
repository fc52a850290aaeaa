-- makes: view sales
SELECT t.* FROM told_sales t
WHERE way = 1 OR NOT EXISTS (FROM told_sales p WHERE p.way = 1 AND p.trace_code = t.trace_code
    AND p.settlement_no IS NOT DISTINCT FROM t.settlement_no)

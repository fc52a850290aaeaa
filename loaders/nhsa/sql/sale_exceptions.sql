-- makes: exceptions selinfo_3513
SELECT 'selinfo_3513', file_no, line, false, 'drug_trac_codg', NULL, true, 'sale already told by selinfo_3505'
FROM told_sales q
WHERE way = 2
GROUP BY file_no, line
HAVING bool_and(EXISTS (FROM told_sales p WHERE p.way = 1 AND p.trace_code = q.trace_code
    AND p.settlement_no IS NOT DISTINCT FROM q.settlement_no))

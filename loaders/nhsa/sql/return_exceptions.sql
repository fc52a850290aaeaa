-- makes: exceptions selinfo_3506
SELECT 'selinfo_3506', r.file_no, r.line, false, 'drug_trac_codg', NULL, true,
    CASE WHEN bool_or(x.sale_line IS NOT NULL) THEN 'return folded into its sale'
        ELSE 'return of a sale that is not in the source' END
FROM returns r LEFT JOIN returned_sales x ON x.file_no = r.file_no AND x.line = r.line AND x.trace_code = r.trace_code
GROUP BY r.file_no, r.line

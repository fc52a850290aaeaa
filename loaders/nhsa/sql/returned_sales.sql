-- makes: view returned_sales
-- Each return takes one sale of the package back: that of its settlement, else the last one before it at its site.
SELECT DISTINCT file_no, line, trace_code, sale_file, sale_line FROM (
    SELECT r.file_no, r.line, r.trace_code, s.file_no AS sale_file, s.line AS sale_line,
        row_number() OVER (PARTITION BY r.file_no, r.line, r.trace_code
            ORDER BY s.settlement_no IS NOT DISTINCT FROM r.settlement_no DESC, s.sold_at DESC NULLS LAST, s.person_no,
                s.item_code, s.quantity) AS place
    FROM returns r JOIN sales s ON s.trace_code = r.trace_code
        AND (s.settlement_no = r.settlement_no
            OR r.settlement_no IS NULL AND (r.site_no IS NULL OR r.site_no = s.site_no)
                AND (r.person_no IS NULL OR s.person_no IS NULL OR r.person_no = s.person_no)
                AND (r.returned_at IS NULL OR s.sold_at IS NULL OR s.sold_at <= r.returned_at)))
WHERE place = 1

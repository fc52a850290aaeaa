-- makes: exceptions setl_d
WITH originals AS (
    SELECT setl_id FROM clean.setl_d s
    WHERE NOT EXISTS (FROM refund_rows r WHERE r.file_no = s.file_no AND r.line = s.line)
), set_aside AS (
    SELECT DISTINCT setl_id FROM checked.setl_d WHERE aside IS NOT NULL
)
SELECT 'setl_d', r.file_no, r.line, o.setl_id IS NULL AND a.setl_id IS NULL, 'init_setl_id',
    coalesce(r.init_setl_id, r.setl_id), false,
    CASE WHEN o.setl_id IS NOT NULL THEN 'refund folded into its original'
        WHEN a.setl_id IS NOT NULL THEN 'refund of a settlement set aside'
        ELSE 'refund without an original' END
FROM refund_rows r
LEFT JOIN originals o ON o.setl_id = r.init_setl_id
LEFT JOIN set_aside a ON a.setl_id = r.init_setl_id

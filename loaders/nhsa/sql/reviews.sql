-- makes: canonical reviews
SELECT r.biz_gen_chk_id AS review_id, k.no AS case_no,
    row_number() OVER (PARTITION BY k.no ORDER BY r.opt_time NULLS LAST, r.biz_gen_chk_id) AS step,
    h.no AS handler_no, r.opt_time AS at, r.rchk_flag AS result, f.name AS source_file, r.line AS source_line
FROM clean.biz_gen_chk_d r
JOIN case_matters m ON m.matter = r.serv_matt_inst_id
JOIN key_case k ON k.value = m.case_id
JOIN files f ON f.file_no = r.file_no
LEFT JOIN key_handler h ON h.value = r.opter_id
ORDER BY case_no, step

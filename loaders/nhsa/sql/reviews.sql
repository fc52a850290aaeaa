-- makes: canonical reviews
-- An office whose cases mostly begin with a node by the one who accepted them, followed by somebody's review, writes the
-- acceptance as a node too: that is step 0, no review. An office with few cases works as the city does.
WITH nodes AS (
    SELECT r.biz_gen_chk_id AS review_id, k.no AS case_no,
        row_number() OVER (PARTITION BY k.no ORDER BY r.opt_time NULLS LAST, r.biz_gen_chk_id) AS place,
        count(*) OVER (PARTITION BY k.no) AS nodes,
        h.no AS handler_no, r.opt_time AS at, r.rchk_flag AS result, f.name AS source_file, r.line AS source_line
    FROM clean.biz_gen_chk_d r
    JOIN case_matters m ON m.matter = r.serv_matt_inst_id
    JOIN key_case k ON k.value = m.case_id
    JOIN files f ON f.file_no = r.file_no
    LEFT JOIN key_handler h ON h.value = r.opter_id
), firsts AS (
    SELECT n.case_no, a.office, coalesce(n.handler_no = c.accepted_by, FALSE) AS by_acceptor
    FROM nodes n
    JOIN canonical.manual_cases c USING (case_no)
    LEFT JOIN canonical.handlers a ON a.handler_no = c.accepted_by
    WHERE n.place = 1 AND n.nodes >= 2
), city AS (SELECT avg(by_acceptor::INTEGER) AS share FROM firsts
), flows AS (
    SELECT office, (count(*) FILTER (WHERE by_acceptor) + 10 * any_value(city.share)) / (count(*) + 10) >= 0.5 AS told
    FROM firsts, city GROUP BY office
), accepted AS (
    SELECT case_no FROM firsts JOIN flows ON flows.office IS NOT DISTINCT FROM firsts.office WHERE told AND by_acceptor
)
SELECT n.review_id, n.case_no, n.place - (a.case_no IS NOT NULL)::INTEGER AS step,
    n.handler_no, n.at, n.result, n.source_file, n.source_line
FROM nodes n LEFT JOIN accepted a USING (case_no)
ORDER BY case_no, step

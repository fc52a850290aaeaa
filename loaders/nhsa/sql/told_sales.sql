-- makes: view told_sales
-- Every package of every sale row. One cell may hold several codes; the same sale told twice counts once, and the
-- interface message (3505) knows more about it than the query's answer (3513).
WITH rows_told AS (
    SELECT 1 AS way, 'selinfo_3505' AS source, * FROM clean.selinfo_3505
    UNION ALL SELECT 2, 'selinfo_3513', * FROM clean.selinfo_3513
), visits AS (
    SELECT mdtrt_id, min(setl_id) AS setl_id FROM settled
    WHERE mdtrt_id IN (SELECT mdtrt_id FROM rows_told WHERE setl_id IS NULL) GROUP BY mdtrt_id HAVING count(*) = 1
), booked AS (
    SELECT l.bkkp_sn, l.setl_id FROM clean.fee_list_d l
    WHERE l.setl_id IS NOT NULL AND l.bkkp_sn IN (SELECT bkkp_sn FROM rows_told WHERE setl_id IS NULL)
)
SELECT r.way, r.source, r.file_no, r.line, unnest(codes) AS trace_code, s.no AS settlement_no,
    coalesce(t.no, x.site_no) AS site_no, coalesce(p.no, x.person_no) AS person_no, r.med_list_codg AS item_code,
    coalesce(r.sel_retn_time, r.opt_time, r.crte_time, x.settled_at) AS sold_at,
    CASE WHEN len(codes) = 1 THEN r.sel_retn_cnt ELSE r.sel_retn_cnt / len(codes) END AS quantity,
    coalesce(r.trdn_flag, false) AS split_pack
FROM (SELECT *, trace_codes(drug_trac_codg) AS codes FROM rows_told) r
LEFT JOIN booked b ON b.bkkp_sn = r.bkkp_sn
LEFT JOIN visits v ON v.mdtrt_id = r.mdtrt_id
LEFT JOIN key_settlement s ON s.value = coalesce(r.setl_id, b.setl_id, v.setl_id)
LEFT JOIN canonical.settlements x ON x.settlement_no = s.no
LEFT JOIN key_site t ON t.value = r.fixmedins_code
LEFT JOIN key_person p ON p.value = r.psn_no

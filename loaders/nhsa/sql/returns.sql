-- makes: view returns
SELECT r.file_no, r.line, unnest(trace_codes(r.drug_trac_codg)) AS trace_code, s.no AS settlement_no, t.no AS site_no,
    p.no AS person_no, coalesce(r.sel_retn_time, r.opt_time, r.crte_time) AS returned_at
FROM clean.selinfo_3506 r
LEFT JOIN key_settlement s ON s.value = r.setl_id
LEFT JOIN key_site t ON t.value = r.fixmedins_code
LEFT JOIN key_person p ON p.value = r.psn_no

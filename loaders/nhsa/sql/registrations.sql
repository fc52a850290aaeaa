-- makes: canonical registrations
WITH both_kinds AS (
    SELECT trt_dcla_detl_sn AS id, 'chronic_disease' AS kind, psn_no, opsp_dise_code, opsp_dise_name,
        coalesce(begndate, appy_date) AS from_at, enddate, ide_fixmedins_no AS site, known_doctor(diag_dr_code) AS doctor,
        as_agent(agnter_certno, agnter_tel) AS agent, agnter_rlts, tel, coalesce(opter_id, crter_id) AS handler,
        coalesce(opt_time, crte_time) AS handled_at
    FROM clean.opsp_reg_d
    UNION ALL
    SELECT trt_dcla_detl_sn, 'designated_site', psn_no, NULL, NULL, begndate, enddate, fixmedins_code, NULL,
        as_agent(agnter_certno, agnter_tel), agnter_rlts, tel, coalesce(opter_id, crter_id),
        coalesce(opt_time, crte_time)
    FROM clean.psn_fix_reg_d
)
SELECT r.id AS registration_id, r.kind, p.no AS person_no, r.opsp_dise_code AS disease_code,
    r.opsp_dise_name AS disease_name, r.from_at::DATE AS from_on, r.enddate::DATE AS until_on, s.no AS site_no,
    d.no AS doctor_no, a.no AS agent_no, r.agnter_rlts AS agent_relation, ph.no AS phone_no, h.no AS handler_no,
    r.handled_at
FROM both_kinds r
JOIN key_person p ON p.value = r.psn_no
LEFT JOIN key_site s ON s.value = r.site
LEFT JOIN key_doctor d ON d.value = r.doctor
LEFT JOIN key_agent a ON a.value = r.agent
LEFT JOIN phones ph ON ph.raw = r.tel
LEFT JOIN key_handler h ON h.value = r.handler
ORDER BY registration_id

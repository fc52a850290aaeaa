-- makes: canonical handlers
WITH offices AS (
    SELECT handler, max({'n': n, 'office': office}) AS best FROM (
        SELECT handler, office, count(*) AS n FROM (
            SELECT handler, office FROM settled WHERE is_manual
            UNION ALL SELECT coalesce(crter_id, opter_id), optins_no FROM clean.cent_manl_reim_reg_d
            UNION ALL SELECT opter_id, optins_no FROM clean.biz_gen_chk_d
            UNION ALL SELECT coalesce(opter_id, crter_id), optins_no FROM clean.opsp_reg_d
            UNION ALL SELECT coalesce(opter_id, crter_id), optins_no FROM clean.psn_fix_reg_d
        ) WHERE office IS NOT NULL GROUP BY ALL)
    GROUP BY handler
), operators AS (
    SELECT handler, site FROM (
        SELECT handler, fixmedins_code AS site FROM settled WHERE NOT is_manual
        UNION SELECT fixmedins_code || ':' || coalesce(opter_id, crter_id), fixmedins_code FROM clean.fixmedins_sign_b)
    WHERE handler IS NOT NULL
), certified AS (
    SELECT certno, min(psn_no) AS psn_no FROM clean.psn_info_b WHERE certno IS NOT NULL GROUP BY certno
)
SELECT k.no AS handler_no, k.value AS handler_id, CASE WHEN s.no IS NULL THEN 'agency' ELSE 'operator' END AS kind,
    CASE WHEN s.no IS NULL THEN coalesce(f.best.office, o.afil_optins_no, $agency_office::VARCHAR) END AS office,
    s.no AS site_no, coalesce(p.no, q.no) AS person_no
FROM key_handler k
LEFT JOIN operators t ON t.handler = k.value
LEFT JOIN key_site s ON s.value = t.site
LEFT JOIN clean.opt_psn_b o ON o.opter_no = k.value
LEFT JOIN key_person p ON p.value = o.psn_no
LEFT JOIN certified c ON c.certno = o.certno
LEFT JOIN key_person q ON q.value = c.psn_no
LEFT JOIN offices f ON f.handler = k.value
ORDER BY handler_no

-- makes: canonical identities
WITH doctor_names AS (
    SELECT code, max(name) AS name FROM (
        SELECT dr_code AS code, dr_name AS name FROM clean.dr_info_b
        UNION ALL SELECT dr_code, dr_name FROM clean.fixmedins_dept_dr_rlts_info_c
        UNION ALL SELECT diag_dr_code, diag_dr_name FROM clean.opsp_reg_d
        UNION ALL SELECT chfpdr_code, max(chfpdr_name) FROM clean.setl_d GROUP BY chfpdr_code
        UNION ALL SELECT chfpdr_code, max(chfpdr_name) FROM clean.mdtrt_d GROUP BY chfpdr_code)
    GROUP BY code
), handler_names AS (
    SELECT handler, max_by(name, (way, name)) AS name FROM (
        SELECT opter_no AS handler, psn_name AS name, 2 AS way FROM clean.opt_psn_b
        UNION ALL SELECT handler, max(operator_name), 1 FROM settled GROUP BY handler
        UNION ALL SELECT opter_id, opter_name, 1 FROM clean.biz_gen_chk_d
        UNION ALL SELECT coalesce(crter_id, opter_id), CASE WHEN crter_id IS NULL THEN opter_name ELSE crter_name END, 1
        FROM clean.cent_manl_reim_reg_d)
    WHERE handler IS NOT NULL AND name IS NOT NULL GROUP BY handler
), holders AS (
    SELECT account, max(holder) AS name FROM (
        SELECT account, holder FROM case_accounts UNION ALL SELECT as_account(bankacct), acctname FROM paid_out)
    GROUP BY account
), agents AS (
    SELECT agent, max(name) AS name FROM (
        SELECT as_agent(agnter_certno, agnter_tel) AS agent, agnter_name AS name FROM clean.opsp_reg_d
        UNION ALL SELECT as_agent(agnter_certno, agnter_tel), agnter_name FROM clean.psn_fix_reg_d)
    GROUP BY agent
), written AS (
    SELECT value, min(raw) AS raw FROM raw_addresses WHERE value IS NOT NULL GROUP BY value
)
SELECT kind, no, id, source_id, name FROM (
    SELECT 'person' AS kind, k.no, k.id, k.value AS source_id, f.name
    FROM key_person k JOIN person_facts f ON f.person_no = k.no
    UNION ALL SELECT 'card', no, id, value, NULL FROM key_card
    UNION ALL SELECT 'doctor', k.no, k.id, k.value, n.name FROM key_doctor k LEFT JOIN doctor_names n ON n.code = k.value
    UNION ALL SELECT 'site', site_no, site_id, site_id, name FROM canonical.sites
    UNION ALL SELECT 'handler', k.no, k.id, k.value, n.name
    FROM key_handler k LEFT JOIN handler_names n ON n.handler = k.value
    UNION ALL SELECT 'phone', no, id, value, NULL FROM key_phone
    UNION ALL SELECT 'address', k.no, k.id, coalesce(w.raw, k.value), NULL
    FROM key_address k LEFT JOIN written w ON w.value = k.value
    UNION ALL SELECT 'household', no, id, value, NULL FROM key_household
    UNION ALL SELECT 'employer', employer_no, employer_id, employer_id, name FROM canonical.employers
    UNION ALL SELECT 'bank_account', k.no, k.id, k.value, h.name
    FROM key_bank_account k LEFT JOIN holders h ON h.account = k.value
    UNION ALL SELECT 'agent', k.no, k.id, split_part(k.value, ' ', 2), a.name
    FROM key_agent k LEFT JOIN agents a ON a.agent = k.value
    UNION ALL SELECT 'terminal', no, id, value, NULL FROM key_terminal
)
ORDER BY kind, no

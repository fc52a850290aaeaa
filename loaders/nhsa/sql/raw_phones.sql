-- makes: view raw_phones
SELECT raw, as_phone(raw) AS value FROM (
    SELECT phone AS raw FROM settled
    UNION SELECT tel FROM clean.psn_info_b
    UNION SELECT mob FROM clean.psn_info_b
    UNION SELECT tel FROM clean.cent_manl_reim_reg_d
    UNION SELECT tel FROM clean.opsp_reg_d
    UNION SELECT tel FROM clean.psn_fix_reg_d
) WHERE raw IS NOT NULL

-- makes: view raw_addresses
SELECT raw, as_address(raw) AS value FROM (
    SELECT address AS raw FROM settled
    UNION SELECT live_addr FROM clean.psn_info_b
    UNION SELECT hsreg_addr FROM clean.psn_info_b
    UNION SELECT addr FROM clean.fixmedins_b
    UNION SELECT addr FROM clean.medins_info_b
    UNION SELECT addr FROM clean.rtal_phac_b
    UNION SELECT address FROM clean.benign_register
) WHERE raw IS NOT NULL

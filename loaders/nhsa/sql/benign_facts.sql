-- makes: view benign_facts
SELECT b.file_no, b.line, b.kind AS told_kind, p.no AS person_no, s.no AS site_no, a.no AS address_no, b."from" AS from_at,
    b."to" AS until_at, b.note,
    CASE WHEN lower(b.kind) IN ('nursing_home', 'check_up', 'market_day', 'member_day', 'companions') THEN lower(b.kind)
        WHEN b.kind IN ('养老院', '养老机构', '敬老院') THEN 'nursing_home'
        WHEN b.kind IN ('体检') THEN 'check_up'
        WHEN b.kind IN ('集市', '赶集') THEN 'market_day'
        WHEN b.kind IN ('会员日') THEN 'member_day'
        WHEN b.kind IN ('结伴', '同伴') THEN 'companions'
        ELSE 'other' END AS kind
FROM clean.benign_register b
LEFT JOIN key_person p ON p.value = b.person
LEFT JOIN key_site s ON s.value = b.institution
LEFT JOIN addresses a ON a.raw = b.address

-- makes: canonical sites
SELECT k.no AS site_no, k.value AS site_id,
    CASE WHEN t.meaning IS NOT NULL THEN t.meaning
        WHEN r.rtal_phac_code IS NOT NULL AND m.medins_code IS NULL THEN 'pharmacy'
        WHEN m.medins_code IS NOT NULL THEN 'institution'
        WHEN regexp_full_match(k.value, 'P[0-9]{11}') THEN 'pharmacy'
        WHEN regexp_full_match(k.value, 'H[0-9]{11}') THEN 'institution'
        WHEN s.sells THEN 'pharmacy' ELSE 'institution' END AS kind,
    coalesce(b.fixmedins_name, m.medins_name, r.rtal_phac_name, s.name) AS name,
    coalesce(b.hosp_lv, m.hosp_lv, s.level) AS level,
    TRY_CAST(m.aprv_bed_cnt AS INTEGER) AS beds,
    coalesce(b.fix_blng_admdvs, b.admdvs, m.admdvs, r.admdvs, s.division) AS division,
    coalesce(b.uscc, m.uscc, r.uscc, o.id) AS owner_id,
    coalesce(m.prnt_medins_code, r.prnt_rtal_phac_code) AS chain_id,
    a.no AS address_no,
    coalesce(m.lnt, r.lnt, b.lnt) AS longitude, coalesce(m.lat, r.lat, b.lat) AS latitude,
    coalesce(b.begntime, m.begntime, r.begntime)::DATE AS open_from,
    coalesce(b.endtime, m.endtime, r.endtime)::DATE AS open_until
FROM key_site k
LEFT JOIN clean.fixmedins_b b ON b.fixmedins_code = k.value
LEFT JOIN clean.medins_info_b m ON m.medins_code = k.value
LEFT JOIN clean.rtal_phac_b r ON r.rtal_phac_code = k.value
LEFT JOIN seen_sites s ON s.site = k.value
LEFT JOIN meanings t ON t.code_table = 'fixmedins_type' AND t.code = b.fixmedins_type
LEFT JOIN key_owner o ON o.value = coalesce(r.legrep_certno, m.legrep_certno, b.legrep_certno, r.legrep_name,
    m.legrep_name, b.legrep_name)
LEFT JOIN addresses a ON a.raw = coalesce(b.addr, m.addr, r.addr)
ORDER BY site_no

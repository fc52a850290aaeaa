-- makes: numbers key_owner O
SELECT coalesce(r.legrep_certno, m.legrep_certno, b.legrep_certno, r.legrep_name, m.legrep_name, b.legrep_name)
FROM key_site k
LEFT JOIN clean.fixmedins_b b ON b.fixmedins_code = k.value
LEFT JOIN clean.medins_info_b m ON m.medins_code = k.value
LEFT JOIN clean.rtal_phac_b r ON r.rtal_phac_code = k.value

-- makes: canonical site_pauses
SELECT k.no AS site_no, p.fixmedins_paus_type AS kind, p.begntime AS from_at, p.endtime AS until_at
FROM clean.fixmedins_paus_d p JOIN key_site k ON k.value = p.fixmedins_code
ORDER BY site_no, from_at

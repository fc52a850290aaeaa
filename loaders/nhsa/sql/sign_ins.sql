-- makes: canonical sign_ins
SELECT i.sign_sn AS sign_in_id, s.no AS site_no, h.no AS handler_no, t.no AS terminal_no, i.sign_in_time AS from_at,
    i.sign_out_time AS until_at
FROM clean.fixmedins_sign_b i
JOIN key_site s ON s.value = i.fixmedins_code
LEFT JOIN key_handler h ON h.value = i.fixmedins_code || ':' || coalesce(i.opter_id, i.crter_id)
LEFT JOIN key_terminal t ON t.value = as_mac(i.sign_in_mac)
ORDER BY site_no, from_at, sign_in_id

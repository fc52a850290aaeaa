-- makes: canonical cards
SELECT k.no AS card_no, k.id AS card_id, coalesce(nullif(m.meaning, ''), 'other') AS kind
FROM key_card k
LEFT JOIN meanings m ON m.code_table = 'mdtrt_cert_type' AND m.code = split_part(k.value, '-', 1)
ORDER BY card_no

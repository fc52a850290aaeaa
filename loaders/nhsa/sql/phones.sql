-- makes: view phones
SELECT r.raw, k.no FROM raw_phones r JOIN key_phone k ON k.value = r.value

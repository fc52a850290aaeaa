-- makes: view addresses
SELECT r.raw, k.no FROM raw_addresses r JOIN key_address k ON k.value = r.value

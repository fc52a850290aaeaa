-- makes: numbers key_phone T
SELECT value FROM raw_phones

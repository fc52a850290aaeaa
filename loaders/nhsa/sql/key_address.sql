-- makes: numbers key_address A
SELECT value FROM raw_addresses

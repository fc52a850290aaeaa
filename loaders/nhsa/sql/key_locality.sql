-- makes: numbers key_locality L
SELECT as_locality(value) FROM key_address

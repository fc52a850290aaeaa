-- makes: numbers key_card C
SELECT coalesce(card_type, '') || '-' || card_number FROM settled WHERE card_number IS NOT NULL

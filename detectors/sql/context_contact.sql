-- Settlements that name one phone as the contact.
SELECT CAST(s.phone_no AS BIGINT) AS key, s.settlement_no FROM settlements AS s WHERE s.phone_no IS NOT NULL

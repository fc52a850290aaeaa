-- What one operator entered at a site.
SELECT CAST(s.handler_no AS BIGINT) AS key, s.settlement_no FROM settlements AS s
WHERE s.handler_no IS NOT NULL AND NOT s.is_manual

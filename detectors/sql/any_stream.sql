-- Stream "any": every visit, purchase and stay of the city, for groups found by what their settlements are.
SELECT
    s.person_no, s.settlement_no, s.site_no, s.day, CAST(epoch(s.settled_at) AS BIGINT) AS at_s,
    86400 AS window_s
FROM settlements AS s
WHERE s.is_event

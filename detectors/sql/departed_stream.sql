-- Stream "departed": every settlement with the share of settlements that depart as much; two at one site within a day of
-- each other are a meeting.
SELECT
    person_no, settlement_no, site_no, day, CAST(day AS BIGINT) * 86400 AS at_s, 86400 AS window_s,
    fee_gap, unusual_credential, odd_p
FROM departures
WHERE odd_p <= 0.4

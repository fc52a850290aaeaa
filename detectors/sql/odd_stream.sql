-- Stream "odd": visits with the share of visits that are at least as odd (derived table odd_visits); two of them at one
-- site within a day of each other are a meeting.
SELECT
    person_no, settlement_no, site_no, day, CAST(day AS BIGINT) * 86400 AS at_s, 86400 AS window_s,
    fee_gap, unusual_credential, odd_p
FROM odd_visits

-- Stream "linked": every settlement that was measured.
SELECT person_no, settlement_no, site_no, day, CAST(day AS BIGINT) * 86400 AS at_s, 86400 AS window_s FROM departures

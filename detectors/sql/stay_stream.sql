-- Stream "stays": every stay of the city by its days of admission and discharge; one that lasts a night at least.
SELECT
    s.person_no, s.settlement_no, s.site_no,
    CAST(date_diff('day', DATE '1970-01-01', CAST(s.begin_at AS DATE)) AS INTEGER) AS day,
    86400 * CAST(date_diff('day', DATE '1970-01-01', CAST(s.begin_at AS DATE)) AS BIGINT) AS at_s, 86400 AS window_s,
    CAST(date_diff('day', DATE '1970-01-01', CAST(s.end_at AS DATE)) AS INTEGER) AS to_day
FROM settlements AS s
WHERE s.is_event AND s.kind = 'inpatient' AND CAST(s.end_at AS DATE) > CAST(s.begin_at AS DATE)

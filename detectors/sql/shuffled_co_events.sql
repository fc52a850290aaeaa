-- The open stream of visits in the shape of the derivation's co_events.
SELECT
    person_no, site_no, day, (at_s % 86400) // 60 AS minute, window_s // 60 AS window_minutes,
    CASE WHEN window_s >= 86400 THEN 0 ELSE (at_s % 86400) // window_s END AS bucket
FROM stream

-- The open stream of visits in the shape of the derivation's co_visits.
WITH visits AS (
    SELECT
        person_no, site_no, day,
        CASE WHEN window_s >= 86400 THEN 0 ELSE (at_s % 86400) // 60 END AS minute,
        window_s // 60 AS window_minutes,
        CASE WHEN window_s >= 86400 THEN 0 ELSE (at_s % 86400) // window_s END AS bucket
    FROM stream
    GROUP BY ALL
)
SELECT *, count(*) OVER (PARTITION BY person_no, day) = 1 AS only_one
FROM visits

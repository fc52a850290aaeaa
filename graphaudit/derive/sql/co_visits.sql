-- Who was where when, as the pairs are looked for. One row a person, site and day is enough at sites with a day window.
-- In a crowded cell the minute is the window, and its buckets are numbered apart. `only_one` says that the person has no
-- other row on that day.
WITH visits AS (
    SELECT
        e.person_no, e.site_no, e.day, e.window_minutes,
        c.site_no IS NOT NULL AS is_crowded,
        CASE WHEN c.site_no IS NOT NULL OR e.window_minutes < 1440 THEN e.minute ELSE 0 END AS minute,
        CASE WHEN c.site_no IS NOT NULL THEN 1 ELSE e.window_minutes END AS reach_minutes,
        CASE WHEN c.site_no IS NOT NULL THEN 100000 + e.minute ELSE e.bucket END AS bucket
    FROM co_events AS e
    LEFT JOIN crowded_cells AS c ON c.site_no = e.site_no AND c.day = e.day AND c.bucket = e.bucket
    WHERE c.site_no IS NULL OR e.minute IS NOT NULL
    GROUP BY ALL
),
kept AS (
    SELECT * FROM visits
    QUALIFY NOT is_crowded OR count(*) OVER (PARTITION BY site_no, day, bucket) <= 400
)
SELECT
    person_no, site_no, day, minute, window_minutes, reach_minutes, bucket,
    count(*) OVER (PARTITION BY person_no, day) = 1 AS only_one
FROM kept

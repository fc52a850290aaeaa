-- The settlements that co-presence looks at, with the bucket of their site's window. One row a person, site and day
-- is enough at sites with a day window. `only_one` says that the person has no other row on that day.
WITH visits AS (
    SELECT
        s.person_no, s.site_no, s.day,
        CASE WHEN w.window_minutes = 1440 THEN 0 ELSE s.minute END AS minute,
        w.window_minutes,
        CASE WHEN w.window_minutes = 1440 THEN 0 ELSE s.minute // w.window_minutes END AS bucket
    FROM settlements AS s
    JOIN site_windows AS w ON w.site_no = s.site_no
    WHERE s.is_event AND NOT s.is_manual AND s.kind NOT IN ('inpatient', 'maternity')
    GROUP BY ALL
)
SELECT *, count(*) OVER (PARTITION BY person_no, day) = 1 AS only_one
FROM visits

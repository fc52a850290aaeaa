-- How near in time two settlements at a site must be to count as a meeting: the same day at quiet sites, less where
-- so many settle that a day says nothing. Figures that the null model needs stand beside it.
WITH visits AS (
    SELECT site_no, day, minute FROM settlements
    WHERE is_event AND NOT is_manual AND kind NOT IN ('inpatient', 'maternity')
),
volume AS (
    SELECT
        site_no, count(*) AS settlements, count(DISTINCT day) AS days, max(day) - min(day) + 1 AS span_days,
        bool_and(minute IS NOT NULL) AS has_clock
    FROM visits
    GROUP BY site_no
),
busy AS (
    -- size-biased mean of settlements a day: what a typical visitor meets
    SELECT site_no, sum(n * n) / sum(n) AS met_a_day
    FROM (SELECT site_no, day, count(*) AS n FROM visits GROUP BY site_no, day)
    GROUP BY site_no
),
windows AS (
    SELECT
        v.site_no, v.settlements, v.days, v.span_days, b.met_a_day,
        CASE
            WHEN NOT v.has_clock OR b.met_a_day <= 60 THEN 1440
            WHEN b.met_a_day <= 200 THEN 120
            WHEN b.met_a_day <= 600 THEN 40
            ELSE 15
        END AS window_minutes
    FROM volume AS v JOIN busy AS b ON b.site_no = v.site_no
),
buckets AS (
    SELECT
        v.site_no, v.day,
        CASE WHEN w.window_minutes = 1440 THEN 0 ELSE v.minute // w.window_minutes END AS bucket,
        count(*) AS n
    FROM visits AS v JOIN windows AS w ON w.site_no = v.site_no
    GROUP BY ALL
),
meetings AS (
    -- pairs in one bucket always meet, pairs in neighbouring buckets meet half of the time
    SELECT b.site_no, sum(b.n * (b.n - 1) / 2 + coalesce(b.n * c.n / 2, 0)) AS meetings
    FROM buckets AS b
    LEFT JOIN buckets AS c ON c.site_no = b.site_no AND c.day = b.day AND c.bucket = b.bucket + 1
    GROUP BY b.site_no
)
SELECT
    w.site_no, w.window_minutes, w.settlements, w.span_days, w.met_a_day,
    coalesce(m.meetings / nullif(w.settlements * (w.settlements - 1) / 2, 0), 0) AS meeting_rate
FROM windows AS w
LEFT JOIN meetings AS m ON m.site_no = w.site_no

-- Sites whose moments of settlement are not those of the service, each against the other sites of its kind:
--   no_clock         dates without a time of day;
--   bunched_stamps   moments that bunch in five minutes of every half hour: uploads in batches, or whole hours;
--   one_stamp_a_day  days on which nearly everything carries the moments of one quarter of an hour.
WITH visits AS (
    SELECT s.site_no, x.kind, s.day, s.minute
    FROM settlements AS s JOIN sites AS x USING (site_no)
    WHERE s.is_event AND NOT s.is_manual AND s.kind NOT IN ('inpatient', 'maternity')
),
half_hours AS (
    SELECT site_no, kind, minute % 30 AS place, count(*) AS n
    FROM visits WHERE minute IS NOT NULL GROUP BY ALL
),
windows AS (
    SELECT a.site_no, a.kind, a.place, sum(b.n) AS n
    FROM half_hours AS a
    JOIN half_hours AS b ON b.site_no = a.site_no AND (b.place - a.place + 30) % 30 < 5
    GROUP BY a.site_no, a.kind, a.place
),
bunched AS (
    SELECT w.site_no, w.kind, max(w.n) AS affected, any_value(t.n) AS tested
    FROM windows AS w JOIN (SELECT site_no, sum(n) AS n FROM half_hours GROUP BY site_no) AS t USING (site_no)
    GROUP BY w.site_no, w.kind
),
quarters AS (
    SELECT site_no, kind, day, minute // 15 AS quarter, count(*) AS n
    FROM visits WHERE minute IS NOT NULL GROUP BY ALL
),
days AS (
    SELECT site_no, kind, day, max(n) AS most, sum(n) AS n FROM quarters GROUP BY site_no, kind, day
    -- on a day with fewer, one family fills a quarter of an hour
    HAVING sum(n) >= 5
),
measured AS (
    SELECT site_no, kind, 'no_clock' AS fault, count(*) FILTER (minute IS NULL) AS affected, count(*) AS tested, 0.9 AS least
    FROM visits GROUP BY site_no, kind
    UNION ALL SELECT site_no, kind, 'bunched_stamps', affected, tested, 0.6 FROM bunched
    UNION ALL SELECT site_no, kind, 'one_stamp_a_day', sum(most), sum(n), 0.8 FROM days GROUP BY site_no, kind
),
compared AS (
    SELECT
        *, affected / tested AS share,
        -- what half of the kind's other sites do at most: a few that share a vendor and its fault do not hide each other
        median(affected / tested) OVER (PARTITION BY fault, kind) AS usual
    FROM measured
    WHERE tested >= 30
)
SELECT site_no, fault, affected, tested, share, usual, CAST(NULL AS INTEGER) AS minutes
FROM compared
WHERE share >= least AND usual <= least / 2

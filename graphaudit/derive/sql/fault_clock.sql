-- Sites whose clock is off: their day begins and ends earlier, or later, than at the sites like them, at both ends alike;
-- and what one person does elsewhere on the same day says the same: purchases that come before the visit that prescribed
-- them where the pharmacy's clock is behind, or the doctor's ahead, and late ones where it is the other way round. Either
-- alone is a habit: a shop that opens early, a pharmacy next to a hospital.
WITH visits AS (
    SELECT s.person_no, s.site_no, x.kind, coalesce(x.level, '') AS level, s.day, s.minute, s.settled_at
    FROM settlements AS s JOIN sites AS x USING (site_no)
    WHERE s.is_event AND NOT s.is_manual AND s.minute IS NOT NULL AND s.kind NOT IN ('inpatient', 'maternity')
),
middles AS (
    -- the middle of the day on the circle of the clock, in whole numbers so that the order of summing does not show
    SELECT
        site_no, kind, level, count(*) AS n,
        CAST(720 / pi() * atan2(
            sum(CAST(1e6 * sin(minute * pi() / 720) AS BIGINT)), sum(CAST(1e6 * cos(minute * pi() / 720) AS BIGINT))
        ) AS INTEGER) AS middle
    FROM visits
    GROUP BY site_no, kind, level
    HAVING count(*) >= 200
),
ends AS (
    SELECT
        v.site_no, v.kind, v.level, m.n,
        m.middle + quantile_disc((v.minute - m.middle + 2160) % 1440 - 720, 0.05) AS opens,
        m.middle + quantile_disc((v.minute - m.middle + 2160) % 1440 - 720, 0.95) AS closes
    FROM visits AS v JOIN middles AS m USING (site_no)
    GROUP BY v.site_no, v.kind, v.level, m.n, m.middle
),
-- sites like it, but for those whose moments are those of uploads: those of its level where there are eight of them, else those of its kind
grouped AS (
    SELECT
        *, CASE WHEN count(*) OVER (PARTITION BY kind, level) >= 8 THEN level END AS peers,
        count(*) OVER (PARTITION BY kind) AS of_kind
    FROM ends
    WHERE site_no NOT IN (SELECT site_no FROM fault_stamps)
),
centred AS (
    SELECT a.site_no, any_value(a.kind) AS kind, any_value(a.n) AS n, any_value(a.opens) AS opens,
        any_value(a.closes) AS closes, median(b.opens) AS usual_opens, median(b.closes) AS usual_closes,
        -- half of the sites like it lie within this of their middle; hours that differ widely show nothing
        mad(b.opens) AS opens_spread, mad(b.closes) AS closes_spread
    FROM grouped AS a
    JOIN grouped AS b ON b.kind = a.kind AND b.site_no <> a.site_no AND (a.peers IS NULL OR b.peers = a.peers)
    WHERE a.of_kind >= 8
    GROUP BY a.site_no
),
shifted AS (
    SELECT *, CAST(round((earlier + later) / 2) AS INTEGER) AS minutes
    FROM (
        SELECT
            *, (opens - usual_opens + 2160) % 1440 - 720 AS earlier, (closes - usual_closes + 2160) % 1440 - 720 AS later
        FROM centred
    )
    WHERE sign(earlier) = sign(later) AND abs(earlier - later) <= greatest(10, (abs(earlier) + abs(later)) / 6)
      -- four standard deviations
      AND abs(earlier) >= greatest(20, 6 * opens_spread) AND abs(later) >= greatest(20, 6 * closes_spread)
),
pairs AS (
    SELECT a.site_no AS institution_no, b.site_no AS pharmacy_no, date_diff('minute', a.settled_at, b.settled_at) AS gap
    FROM visits AS a JOIN visits AS b ON b.person_no = a.person_no AND b.day = a.day
    WHERE a.kind = 'institution' AND b.kind = 'pharmacy'
),
sides AS (
    SELECT institution_no AS site_no, 'institution' AS kind, gap FROM pairs
    UNION ALL SELECT pharmacy_no, 'pharmacy', gap FROM pairs
),
order_of AS (
    SELECT site_no, kind, count(*) AS pairs, count(*) FILTER (gap < 0) AS before, median(gap) AS gap
    FROM sides GROUP BY site_no, kind HAVING count(*) >= 50
),
usual AS (SELECT kind, sum(before) / sum(pairs) AS before_share, median(gap) AS gap FROM order_of GROUP BY kind)
SELECT
    s.site_no, 'clock_offset' AS fault, s.n AS affected, s.n AS tested, o.before / o.pairs AS share,
    u.before_share AS usual, s.minutes
FROM shifted AS s
JOIN order_of AS o USING (site_no)
JOIN usual AS u ON u.kind = s.kind
WHERE CASE WHEN (s.minutes < 0) = (s.kind = 'pharmacy')
    -- four standard errors of a share
    THEN o.before / o.pairs > u.before_share + 4 * sqrt(u.before_share * (1 - u.before_share) / o.pairs)
    ELSE o.gap > u.gap + abs(s.minutes) / 4 AND o.before / o.pairs <= u.before_share
    END

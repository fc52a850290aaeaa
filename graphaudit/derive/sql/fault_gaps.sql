-- Half days for which a site delivered nothing, against its own rhythm: what it settles in that half of that weekday
-- about then, times what the city's sites of its kind did on that day against theirs. A half day with fifteen expected
-- settlements and none is no chance; days of which the register knows (pauses), and everything before a site's first and after its
-- last settlement, are none of it.
WITH visits AS (
    SELECT s.site_no, x.kind, s.day, s.minute
    FROM settlements AS s JOIN sites AS x USING (site_no)
    WHERE s.is_event AND NOT s.is_manual AND s.kind NOT IN ('inpatient', 'maternity')
),
middles AS (
    SELECT site_no, kind, median(minute) AS middle, min(day) AS first_day, max(day) AS last_day
    FROM visits GROUP BY site_no, kind
),
counts AS (
    SELECT v.site_no, v.day, coalesce(v.minute > m.middle, FALSE) AS is_later, count(*) AS n
    FROM visits AS v JOIN middles AS m USING (site_no)
    GROUP BY ALL
),
calendar AS (SELECT DISTINCT kind, day FROM visits),
cells AS (
    SELECT m.site_no, m.kind, c.day, c.day % 7 AS weekday, h.is_later, coalesce(n.n, 0) AS n
    FROM middles AS m
    JOIN calendar AS c ON c.kind = m.kind AND c.day BETWEEN m.first_day AND m.last_day
    CROSS JOIN (SELECT unnest([FALSE, TRUE]) AS is_later) AS h
    LEFT JOIN counts AS n ON n.site_no = m.site_no AND n.day = c.day AND n.is_later = h.is_later
    WHERE m.middle IS NOT NULL OR NOT h.is_later
),
-- what the second poorest of eight such half days before and of eight after had, the lesser of the two: a course or a
-- market every other week is no rhythm of each week, and a site that grows or shrinks is held to what it was or became
rhythm AS (
    SELECT
        *,
        least(
            quantile_disc(n, 0.25) OVER (half_day ROWS BETWEEN 8 PRECEDING AND 1 PRECEDING),
            quantile_disc(n, 0.25) OVER (half_day ROWS BETWEEN 1 FOLLOWING AND 8 FOLLOWING)
        ) AS poor,
        avg(n) OVER (half_day ROWS BETWEEN 8 PRECEDING AND 8 FOLLOWING) AS usual
    FROM cells
    WINDOW half_day AS (PARTITION BY site_no, weekday, is_later ORDER BY day)
),
city AS (SELECT kind, day, sum(n) / greatest(sum(round(usual, 6)), 1) AS factor FROM rhythm GROUP BY kind, day),
gaps AS (
    SELECT c.site_no, count(*) AS affected
    FROM rhythm AS c
    JOIN city AS k USING (kind, day)
    WHERE c.n = 0 AND c.poor * k.factor >= 15
      AND NOT EXISTS (
        SELECT 1 FROM site_pauses AS p
        WHERE p.site_no = c.site_no AND CAST(p.from_at AS DATE) <= DATE '1970-01-01' + c.day
          AND coalesce(CAST(p.until_at AS DATE) >= DATE '1970-01-01' + c.day, TRUE)
      )
    GROUP BY c.site_no
),
measured AS (
    SELECT c.site_no, c.kind, coalesce(any_value(g.affected), 0) AS affected, count(*) AS tested
    FROM cells AS c LEFT JOIN gaps AS g USING (site_no)
    GROUP BY c.site_no, c.kind
),
compared AS (
    SELECT *, affected / tested AS share, median(affected / tested) OVER (PARTITION BY kind) AS usual FROM measured
)
SELECT site_no, 'missing_half_days' AS fault, affected, tested, share, usual, CAST(NULL AS INTEGER) AS minutes
FROM compared
-- one half day is a closed door
WHERE affected >= 2 AND share > usual

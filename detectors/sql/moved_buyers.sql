-- Regular customers of a suspended site who go, from the day of its suspension, to a site of the same kind where they
-- hardly went before; with what nearness and volume alone would send there. Where a site stands must be known: of one
-- that may be next door nothing can be said.
WITH span AS (SELECT min(day) AS first_day, max(day) AS last_day FROM settlements),
stops AS (
    SELECT
        p.site_no, x.kind, x.longitude, x.latitude, s.first_day,
        date_diff('day', DATE '1970-01-01', CAST(p.from_at AS DATE)) AS from_day,
        least(coalesce(date_diff('day', DATE '1970-01-01', CAST(p.until_at AS DATE)), s.last_day), s.last_day) AS until_day
    FROM site_pauses AS p JOIN sites AS x USING (site_no) CROSS JOIN span AS s
    WHERE x.longitude IS NOT NULL AND x.latitude IS NOT NULL
),
paused AS (SELECT * FROM stops WHERE until_day - from_day >= 14 AND from_day - first_day >= 30),
visits AS (
    SELECT s.settlement_no, s.person_no, s.site_no, s.day, x.kind
    FROM settlements AS s JOIN sites AS x USING (site_no)
    WHERE s.is_event AND NOT s.is_manual AND s.kind NOT IN ('inpatient', 'maternity')
      AND x.kind IN (SELECT kind FROM paused)
),
-- whose registration names a site has been sent there
sent AS (SELECT DISTINCT person_no, site_no FROM registrations WHERE site_no IS NOT NULL AND person_no IS NOT NULL),
customers AS (
    SELECT p.site_no AS from_site, p.from_day, v.person_no
    FROM paused AS p JOIN visits AS v ON v.site_no = p.site_no AND v.day < p.from_day
    GROUP BY ALL HAVING count(DISTINCT v.day) >= 2
),
went AS (
    SELECT
        c.from_site, c.from_day, v.site_no, c.person_no,
        count(DISTINCT v.day) FILTER (WHERE v.day >= c.from_day) / (p.until_day - c.from_day + 1) AS rate_after,
        count(DISTINCT v.day) FILTER (WHERE v.day < c.from_day) / (c.from_day - p.first_day) AS rate_before,
        count(DISTINCT v.day) FILTER (WHERE v.day >= c.from_day) AS n
    FROM customers AS c
    JOIN paused AS p ON p.site_no = c.from_site AND p.from_day = c.from_day
    JOIN visits AS v ON v.person_no = c.person_no AND v.site_no <> c.from_site AND v.kind = p.kind AND v.day <= p.until_day
    GROUP BY c.from_site, c.from_day, v.site_no, c.person_no, p.until_day, p.first_day
),
movers AS (
    SELECT w.* FROM went AS w ANTI JOIN sent AS r ON r.person_no = w.person_no AND r.site_no = w.site_no
    WHERE w.n >= 2 AND w.rate_after > 3 * w.rate_before
),
volume AS (SELECT site_no, count(*) AS n FROM visits GROUP BY site_no),
pull AS (
    SELECT
        p.site_no AS from_site, p.from_day, x.site_no,
        km_between(p.latitude, p.longitude, x.latitude, x.longitude) AS km, sqrt(v.n) * exp(-km / 3.0) AS weight
    FROM paused AS p JOIN sites AS x ON x.kind = p.kind AND x.site_no <> p.site_no JOIN volume AS v ON v.site_no = x.site_no
    WHERE x.longitude IS NOT NULL AND x.latitude IS NOT NULL
),
share AS (
    SELECT
        *, weight / sum(weight) OVER (PARTITION BY from_site, from_day) AS share,
        weight = max(weight) OVER (PARTITION BY from_site, from_day) AS draws_most
    FROM pull
),
everybody AS (SELECT from_site, from_day, count(*) AS n FROM movers GROUP BY ALL),
came AS (SELECT from_site, from_day, site_no, count(*) AS n FROM movers GROUP BY ALL),
-- persons per unit of pull that the typical outlet with some pull received: the natural successor and the outlets that
-- the question is about do not decide it
typical AS (
    SELECT s.from_site, s.from_day, median(coalesce(c.n, 0) / (e.n * s.share)) AS ratio
    FROM share AS s
    JOIN everybody AS e ON e.from_site = s.from_site AND e.from_day = s.from_day
    LEFT JOIN came AS c ON c.from_site = s.from_site AND c.from_day = s.from_day AND c.site_no = s.site_no
    WHERE e.n * s.share >= 1
    GROUP BY s.from_site, s.from_day
),
-- the middle of a mover's other places, in whole millionths of a degree, so that the order of summing does not show
middles AS (
    SELECT
        m.from_site, m.from_day, m.site_no, m.person_no, avg(CAST(x.longitude * 1e6 AS BIGINT)) / 1e6 AS longitude,
        avg(CAST(x.latitude * 1e6 AS BIGINT)) / 1e6 AS latitude
    FROM movers AS m
    JOIN visited AS v ON v.person_no = m.person_no AND v.site_no NOT IN (m.site_no, m.from_site)
    JOIN sites AS x ON x.site_no = v.site_no AND x.longitude IS NOT NULL AND x.latitude IS NOT NULL
    GROUP BY m.from_site, m.from_day, m.site_no, m.person_no
)
SELECT
    m.from_site, m.from_day, m.site_no, m.person_no, e.n AS movers,
    e.n * s.share * greatest(coalesce(t.ratio, 1), 0.1) AS expected, v.settlement_no,
    coalesce(x.chain_id = y.chain_id, FALSE) AS same_chain, s.draws_most, s.km,
    sign(
        km_between(h.latitude, h.longitude, y.latitude, y.longitude)
            - km_between(h.latitude, h.longitude, x.latitude, x.longitude)
    ) AS nearer
FROM movers AS m
JOIN sites AS x ON x.site_no = m.site_no
JOIN sites AS y ON y.site_no = m.from_site
JOIN everybody AS e ON e.from_site = m.from_site AND e.from_day = m.from_day
JOIN share AS s ON s.from_site = m.from_site AND s.from_day = m.from_day AND s.site_no = m.site_no
LEFT JOIN typical AS t ON t.from_site = m.from_site AND t.from_day = m.from_day
JOIN paused AS p ON p.site_no = m.from_site AND p.from_day = m.from_day
LEFT JOIN middles AS h
    ON h.from_site = m.from_site AND h.from_day = m.from_day AND h.site_no = m.site_no AND h.person_no = m.person_no
JOIN visits AS v ON v.person_no = m.person_no AND v.site_no = m.site_no AND v.day BETWEEN p.from_day AND p.until_day
ORDER BY m.from_site, m.from_day, m.site_no, v.settlement_no

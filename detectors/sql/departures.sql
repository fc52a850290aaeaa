-- One row a settlement, with its household, a bit for each dimension in which it lies beyond the limit of its service
-- and the share of settlements of the service that depart at least as much in all of them.
WITH
-- only the odder half is ranked: what is not among it is as odd as anything
least AS (
    SELECT service, quantile_cont(odd, 0.5) AS odd FROM departure_scores WHERE settlement_no % $step = 0 GROUP BY service
),
everywhere AS (SELECT service, dense_rank() OVER (ORDER BY service) - 1 AS service_no, count(*) AS n FROM departure_scores GROUP BY service),
here AS (SELECT service, site_no, count(*) AS n FROM departure_scores GROUP BY service, site_no),
placed AS (
    SELECT
        s.settlement_no, s.service, s.site_no,
        -- as many as depart less precede it among those that are ranked
        count(*) OVER city - rank() OVER (city ORDER BY s.odd) + 1 AS in_city,
        count(*) OVER site - rank() OVER (site ORDER BY s.odd) + 1 AS at_site
    FROM departure_scores AS s JOIN least AS l USING (service)
    WHERE s.odd >= l.odd
    WINDOW city AS (PARTITION BY s.service), site AS (PARTITION BY s.service, s.site_no)
),
ranked AS (
    SELECT
        p.settlement_no,
        -- ten are allowed: a few odd settlements must not make a small site look odd as a whole
        greatest(p.in_city / e.n, greatest(p.at_site - 10, 1) / (h.n + 10)) AS odd_p
    FROM placed AS p
    JOIN everywhere AS e USING (service)
    JOIN here AS h ON h.service = p.service AND h.site_no = p.site_no
)
SELECT
    s.settlement_no, s.person_no, s.site_no, s.day, e.service_no, s.service, s.fee_gap, s.unusual_credential,
    coalesce(r.odd_p, 1) AS odd_p,
    s.bits | CASE WHEN r.odd_p <= $beyond THEN $together::BIGINT ELSE 0 END AS flags,
    unit_of(p.household_no, p.probable_household_no, p.person_no) AS unit_no
FROM departure_scores AS s
JOIN everywhere AS e USING (service)
JOIN persons AS p USING (person_no)
LEFT JOIN ranked AS r USING (settlement_no)

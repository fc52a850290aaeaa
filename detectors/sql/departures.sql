-- One row a settlement, with a bit for each dimension in which it lies beyond the limit of its service and how far it
-- departs in all of them. limits, bits and odd run over the dimensions and are put in by detectors/departures.py.
WITH limits AS (
    SELECT service, [[limits]]
    FROM departure_measures WHERE settlement_no % $step = 0
    GROUP BY service
),
scored AS (
    SELECT
        m.settlement_no, m.person_no, m.site_no, m.day, m.service, m.fee_high AS fee_gap,
        coalesce(m.credential > 0.6, FALSE) AS unusual_credential,
        [[bits]] AS bits,
        -- whole hundred-thousandths, so that the order of summing does not decide a rank
        CAST(round(1e5 * ([[odd]])) AS BIGINT) AS odd
    FROM departure_measures AS m JOIN limits AS l USING (service)
),
-- only the odder half is ranked: what is not among it is as odd as anything
least AS (
    SELECT service, quantile_cont(odd, 0.5) AS odd FROM scored WHERE settlement_no % $step = 0 GROUP BY service
),
everywhere AS (SELECT service, dense_rank() OVER (ORDER BY service) - 1 AS service_no, count(*) AS n FROM scored GROUP BY service),
here AS (SELECT service, site_no, count(*) AS n FROM scored GROUP BY service, site_no),
placed AS (
    SELECT
        s.settlement_no, s.service, s.site_no,
        count(*) OVER (PARTITION BY s.service ORDER BY s.odd DESC) AS in_city,
        count(*) OVER (PARTITION BY s.service, s.site_no ORDER BY s.odd DESC) AS at_site
    FROM scored AS s JOIN least AS l USING (service)
    WHERE s.odd >= l.odd
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
    CASE
        WHEN p.household_no IS NOT NULL THEN CAST(p.household_no AS BIGINT) * 3
        WHEN p.probable_household_no IS NOT NULL THEN CAST(p.probable_household_no AS BIGINT) * 3 + 1
        ELSE CAST(p.person_no AS BIGINT) * 3 + 2
    END AS unit_no
FROM scored AS s
JOIN everywhere AS e USING (service)
JOIN persons AS p USING (person_no)
LEFT JOIN ranked AS r USING (settlement_no)

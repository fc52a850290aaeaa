-- How often a site settled one of the two services of an overlap, per person, against what honest refills and
-- referrals during stays would give: the city's overlaps per stay, times the person's stays, times the share of
-- the person's other visits that go to this site (one pseudo-visit is spread by the sites' volumes).
WITH stays AS (
    SELECT settlement_no, person_no, site_no
    FROM settlements
    WHERE is_event AND kind IN ('inpatient', 'maternity') AND CAST(end_at AS DATE) > CAST(begin_at AS DATE)
),
stays_of AS (
    SELECT person_no, count(*) AS stays FROM stays GROUP BY person_no
),
sides AS (
    -- the visit's side of a stay-and-visit overlap; both sides of the other kinds
    SELECT o.person_no, s.site_no, o.to_no AS settlement_no, o.kind
    FROM "overlaps" AS o JOIN settlements AS s ON s.settlement_no = o.to_no
    UNION ALL
    SELECT o.person_no, s.site_no, o.from_no, o.kind
    FROM "overlaps" AS o JOIN settlements AS s ON s.settlement_no = o.from_no
    WHERE o.kind <> 'stay_and_visit'
),
counted AS (
    SELECT person_no, site_no, count(DISTINCT settlement_no) AS n FROM sides GROUP BY person_no, site_no
),
city AS (
    SELECT
        (SELECT count(*) FROM sides) / greatest((SELECT count(*) FROM stays), 1) AS per_stay,
        (SELECT count(*) FROM settlements WHERE is_event) AS settlements
),
site_volume AS (
    SELECT s.site_no, x.kind, count(*) AS volume
    FROM settlements AS s JOIN sites AS x ON x.site_no = s.site_no
    WHERE s.is_event GROUP BY s.site_no, x.kind
),
-- One overlap is everyday life at a large site, two of one person are rare: how many persons have two or more here,
-- against the larger of what the other sites of the kind give for this volume, and what the other sites of the city
-- give for this many persons with one overlap (a clock that is wrong makes many single ones); half a person at least.
repeated AS (
    SELECT
        v.site_no, v.kind, v.volume,
        count(c.person_no) FILTER (c.n >= 2) AS persons, count(c.person_no) FILTER (c.n = 1) AS singles
    FROM site_volume AS v LEFT JOIN counted AS c ON c.site_no = v.site_no
    GROUP BY v.site_no, v.kind, v.volume
),
of_kind AS (SELECT kind, sum(persons) AS persons, sum(volume) AS volume FROM repeated GROUP BY kind),
everywhere AS (SELECT sum(persons) AS persons, sum(singles) AS singles FROM repeated),
site_test AS (
    SELECT
        r.site_no, r.persons,
        greatest(
            (k.persons - r.persons) * r.volume / greatest(k.volume - r.volume, 1),
            r.singles * (e.persons - r.persons) / greatest(e.singles - r.singles, 1),
            0.5
        ) AS expected
    FROM repeated AS r JOIN of_kind AS k ON k.kind = r.kind CROSS JOIN everywhere AS e
),
person_volume AS (
    SELECT person_no, sum(n) AS volume FROM visited GROUP BY person_no
)
, with_expectation AS (
    SELECT
        c.person_no, c.site_no, c.n,
        greatest(
            city.per_stay * greatest(coalesce(t.stays, 0), 1)
            * (greatest(coalesce(v.n, 0) - c.n, 0) + sv.volume / city.settlements)
            / (greatest(pv.volume - c.n, 0) + 1),
            1e-3
        ) AS expected
    FROM counted AS c
    CROSS JOIN city
    JOIN site_volume AS sv ON sv.site_no = c.site_no
    JOIN person_volume AS pv ON pv.person_no = c.person_no
    LEFT JOIN stays_of AS t ON t.person_no = c.person_no
    LEFT JOIN visited AS v ON v.person_no = c.person_no AND v.site_no = c.site_no
)
SELECT
    w.person_no, w.site_no, w.n, w.expected,
    CASE WHEN w.n > w.expected THEN w.n * ln(w.n / w.expected) - (w.n - w.expected) ELSE 0 END AS llr,
    CASE
        WHEN t.persons > t.expected THEN t.persons * ln(t.persons / t.expected) - (t.persons - t.expected) ELSE 0
    END AS site_llr
FROM with_expectation AS w
JOIN site_test AS t ON t.site_no = w.site_no

-- Settlements given back in full within $most_minutes, of persons who have two or more such at one site and operator. One
-- that the same person followed with another settlement there on the same day was put right, and is left out. `expected`
-- is how many such persons the rate of all other sites per settlement would give this site and operator.
WITH visits AS (
    SELECT settlement_no, person_no, site_no, coalesce(handler_no, -1) AS operator_no, settled_at, refunded_at, day, is_event, has_clock
    FROM settlements
    WHERE NOT is_manual AND kind NOT IN ('inpatient', 'maternity')
),
given_back AS (
    SELECT v.*
    FROM visits AS v
    ANTI JOIN visits AS r
        ON r.person_no = v.person_no AND r.site_no = v.site_no AND r.day = v.day AND r.is_event
        AND r.settled_at >= v.settled_at
    WHERE NOT v.is_event AND v.has_clock
      AND date_diff('second', v.settled_at, v.refunded_at) BETWEEN 0 AND 60 * $most_minutes
),
often AS (
    SELECT site_no, operator_no, person_no FROM given_back
    GROUP BY ALL HAVING count(*) >= 2
),
desk AS (SELECT site_no, operator_no, count(*) AS n FROM visits GROUP BY ALL),
site AS (SELECT site_no, sum(n) AS n FROM desk GROUP BY site_no),
held AS (SELECT site_no, operator_no, count(*) AS persons FROM often GROUP BY ALL),
site_held AS (SELECT site_no, sum(persons) AS persons FROM held GROUP BY site_no),
city AS (
    SELECT (SELECT sum(n) FROM site) AS n, (SELECT coalesce(sum(persons), 0) FROM site_held) AS persons,
        (SELECT count(*) FROM desk) AS desks
)
SELECT
    g.site_no, x.kind AS site_kind, g.operator_no, g.person_no, g.settlement_no, g.day, h.persons, c.desks,
    d.n * (c.persons - s.persons) / greatest(c.n - t.n, 1) AS expected
FROM given_back AS g
SEMI JOIN often AS o ON o.site_no = g.site_no AND o.operator_no = g.operator_no AND o.person_no = g.person_no
JOIN held AS h ON h.site_no = g.site_no AND h.operator_no = g.operator_no
JOIN site_held AS s ON s.site_no = g.site_no
JOIN desk AS d ON d.site_no = g.site_no AND d.operator_no = g.operator_no
JOIN site AS t ON t.site_no = g.site_no
JOIN sites AS x ON x.site_no = g.site_no
CROSS JOIN city AS c
ORDER BY g.site_no, g.operator_no, g.settlement_no

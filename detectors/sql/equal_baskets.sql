-- Settlements of one site, day and amount that are alike, of $least_a_day households or more: they hold the same goods in
-- the same quantities, or, where no two households' goods are the same or none are known, the amount alone is the same.
-- `expected` is how many households of that day would bring such a one: at the site's share of them on its other days or
-- at that of the other sites of its kind, whichever is more. `held` counts the cells of site, day and amount in the city.
WITH units AS (
    SELECT person_no, unit_of(household_no, probable_household_no, person_no) AS unit_no FROM persons
),
visits AS (
    SELECT s.settlement_no, s.person_no, s.site_no, x.kind, s.day, s.total_fen
    FROM settlements AS s JOIN sites AS x USING (site_no)
    WHERE s.is_event AND NOT s.is_manual AND s.kind NOT IN ('inpatient', 'maternity') AND s.total_fen > 0
),
-- a sum does not depend on the order of the lines: equal goods in equal quantities have equal sums
baskets AS MATERIALIZED (SELECT settlement_no, sum(hash(item_code, quantity)) AS basket FROM lines GROUP BY settlement_no),
amounts AS (SELECT site_no, day, total_fen, count(*) AS n FROM visits GROUP BY site_no, day, total_fen),
near AS MATERIALIZED (
    SELECT v.*, u.unit_no, b.basket
    FROM visits AS v
    SEMI JOIN (SELECT * FROM amounts WHERE n >= $least_a_day) AS a
        ON a.site_no = v.site_no AND a.day = v.day AND a.total_fen = v.total_fen
    JOIN units AS u ON u.person_no = v.person_no
    LEFT JOIN baskets AS b ON b.settlement_no = v.settlement_no
),
of_goods AS (
    SELECT site_no, day, total_fen, basket, count(DISTINCT unit_no) AS units
    FROM near WHERE basket IS NOT NULL
    GROUP BY site_no, day, total_fen, basket
),
of_amount AS (
    SELECT n.site_no, n.day, n.total_fen, count(DISTINCT n.unit_no) AS units
    FROM near AS n
    ANTI JOIN (SELECT * FROM of_goods WHERE units >= 2) AS g
        ON g.site_no = n.site_no AND g.day = n.day AND g.total_fen = n.total_fen
    GROUP BY n.site_no, n.day, n.total_fen
    HAVING count(DISTINCT n.unit_no) >= $least_a_day
),
cells AS (
    SELECT 'goods' AS likeness, site_no, day, total_fen, basket, units FROM of_goods WHERE units >= $least_a_day
    UNION ALL SELECT 'amount', site_no, day, total_fen, NULL, units FROM of_amount
),
-- how often a household of some day settles for such a thing, by site
alike AS (
    SELECT v.site_no, v.kind, v.day, 'goods' AS likeness, b.basket AS what
    FROM baskets AS b
    SEMI JOIN (SELECT basket FROM cells WHERE likeness = 'goods') AS w ON w.basket = b.basket
    JOIN visits AS v ON v.settlement_no = b.settlement_no
    UNION ALL
    SELECT v.site_no, v.kind, v.day, 'amount', CAST(v.total_fen AS HUGEINT)
    FROM visits AS v SEMI JOIN (SELECT total_fen FROM of_amount) AS w ON w.total_fen = v.total_fen
),
alike_on AS (SELECT likeness, what, site_no, kind, day, count(*) AS n FROM alike GROUP BY ALL),
alike_at AS (SELECT likeness, what, site_no, kind, sum(n) AS n FROM alike_on GROUP BY ALL),
alike_of AS (SELECT likeness, what, kind, sum(n) AS n FROM alike_at GROUP BY ALL),
on_day AS (SELECT site_no, kind, day, count(*) AS n FROM visits GROUP BY site_no, kind, day),
at_site AS (SELECT site_no, kind, sum(n) AS n FROM on_day GROUP BY site_no, kind),
of_kind AS (SELECT kind, sum(n) AS n FROM at_site GROUP BY kind),
judged AS (
    SELECT
        c.likeness, c.site_no, c.day, c.total_fen, c.basket, c.units,
        d.n * greatest((h.n - o.n + 0.5) / (t.n - d.n + 1), (a.n - h.n) / greatest(k.n - t.n, 1)) AS expected
    FROM cells AS c
    JOIN on_day AS d ON d.site_no = c.site_no AND d.day = c.day
    JOIN at_site AS t ON t.site_no = c.site_no
    JOIN of_kind AS k ON k.kind = t.kind
    JOIN alike_on AS o
        ON o.likeness = c.likeness AND o.what = coalesce(c.basket, c.total_fen) AND o.site_no = c.site_no AND o.day = c.day
    JOIN alike_at AS h ON h.likeness = o.likeness AND h.what = o.what AND h.site_no = o.site_no
    JOIN alike_of AS a ON a.likeness = o.likeness AND a.what = o.what AND a.kind = t.kind
)
SELECT
    j.likeness, j.site_no, j.day, j.units, j.expected, (SELECT count(*) FROM amounts) AS held,
    n.settlement_no, n.person_no, n.unit_no, s.handler_no, s.minute, c.kind AS credential,
    min(n.settlement_no) OVER (PARTITION BY j.site_no, j.day, j.total_fen, j.basket) AS cell
FROM judged AS j
JOIN near AS n
    ON n.site_no = j.site_no AND n.day = j.day AND n.total_fen = j.total_fen
    AND (j.likeness = 'amount' OR n.basket = j.basket)
JOIN settlements AS s ON s.settlement_no = n.settlement_no
LEFT JOIN cards AS c ON c.card_no = s.card_no
ORDER BY n.settlement_no

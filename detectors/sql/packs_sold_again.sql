-- Packs sold to one person and later, at least a day after, to another of a different household. Returns, opened packs and
-- sales that nobody is named for are left out, and drugs of which half of the sales, of forty or more, bear a code that
-- repeats: such codes are no packs. Only buyers of whom two packs or more came back at one outlet are counted; `expected`
-- is how many the other outlets' rate per pack sold would give this outlet.
WITH sold AS (
    SELECT trace_code, item_code, settlement_no, person_no, site_no, sold_at
    FROM pack_sales
    WHERE NOT returned AND NOT split_pack AND settlement_no IS NOT NULL AND person_no IS NOT NULL AND site_no IS NOT NULL
),
codes AS (
    SELECT trace_code, count(DISTINCT settlement_no) > 1 AS repeats FROM sold GROUP BY trace_code
),
exempt AS (
    SELECT s.item_code FROM sold AS s JOIN codes AS c USING (trace_code) WHERE s.item_code IS NOT NULL
    GROUP BY s.item_code HAVING count(*) >= 40 AND 2 * count(*) FILTER (WHERE c.repeats) >= count(*)
),
pack AS (
    SELECT s.* FROM sold AS s
    SEMI JOIN (SELECT trace_code FROM codes WHERE repeats) AS c ON c.trace_code = s.trace_code
    WHERE s.item_code IS NULL OR s.item_code NOT IN (SELECT item_code FROM exempt)
),
came_back AS (
    SELECT DISTINCT
        a.trace_code, a.person_no, a.settlement_no AS first_no, b.settlement_no AS again_no,
        a.site_no AS first_site, b.person_no AS again_by, b.site_no AS outlet_no
    FROM pack AS a
    JOIN pack AS b ON b.trace_code = a.trace_code AND b.sold_at >= a.sold_at + INTERVAL 1 DAY
    JOIN persons AS p ON p.person_no = a.person_no
    JOIN persons AS q ON q.person_no = b.person_no
    WHERE a.person_no <> b.person_no
      AND NOT coalesce(p.household_no = q.household_no, FALSE)
      AND NOT coalesce(p.probable_household_no = q.probable_household_no, FALSE)
),
often AS (
    SELECT person_no, outlet_no FROM came_back
    GROUP BY person_no, outlet_no HAVING count(DISTINCT trace_code) >= 2
),
buyers AS (SELECT outlet_no, count(*) AS persons FROM often GROUP BY outlet_no),
volume AS (SELECT site_no, count(*) AS n FROM sold GROUP BY site_no),
city AS (
    SELECT (SELECT sum(n) FROM volume) AS n, (SELECT coalesce(sum(persons), 0) FROM buyers) AS persons,
        (SELECT count(*) FROM volume) AS outlets
)
SELECT
    c.outlet_no, x.kind AS outlet_kind, c.first_site, c.person_no, c.first_no, c.again_no, c.again_by, c.trace_code, b.persons, y.outlets,
    v.n * (y.persons - b.persons) / greatest(y.n - v.n, 1) AS expected
FROM came_back AS c
SEMI JOIN often AS o ON o.person_no = c.person_no AND o.outlet_no = c.outlet_no
JOIN buyers AS b ON b.outlet_no = c.outlet_no
JOIN volume AS v ON v.site_no = c.outlet_no
JOIN sites AS x ON x.site_no = c.outlet_no
CROSS JOIN city AS y
ORDER BY c.outlet_no, c.first_no, c.again_no, c.trace_code

-- Packs sold to one person and later, at least a day after, to another of a different household. Returns, opened packs and
-- sales that nobody is named for are left out, and drugs of which half of the sales, of forty or more, bear a code that
-- repeats: such codes are no packs. Two kinds of first buyers are counted. `often`: those of whom two packs or more came
-- back at one outlet. `elsewhere`: those of whom one did that another site had sold, under a code that was sold twice in
-- all (one that is sold time and again is a carton's); a slip of one's own scanner makes no such pack. `alike` are those of
-- them whose drug also came back there from two other households at least. `expected` is how many of the former the other
-- outlets' rate per pack sold would give this outlet, `expected_elsewhere` how many households of the latter, by packs of
-- any drug or of the same drugs, whichever is more; what this outlet's first buyers brought to other outlets is no rate.
WITH sold AS (
    SELECT trace_code, item_code, settlement_no, person_no, site_no, sold_at
    FROM pack_sales
    WHERE NOT returned AND NOT split_pack AND settlement_no IS NOT NULL AND person_no IS NOT NULL AND site_no IS NOT NULL
),
codes AS (
    SELECT trace_code, count(DISTINCT settlement_no) AS sales FROM sold GROUP BY trace_code
    HAVING sales > 1
),
exempt AS (
    SELECT s.item_code FROM sold AS s LEFT JOIN codes AS c USING (trace_code) WHERE s.item_code IS NOT NULL
    GROUP BY s.item_code HAVING count(*) >= 40 AND 2 * count(c.sales) >= count(*)
),
pack AS (
    SELECT s.*, c.sales FROM sold AS s JOIN codes AS c USING (trace_code)
    WHERE s.item_code IS NULL OR s.item_code NOT IN (SELECT item_code FROM exempt)
),
came_back AS (
    SELECT DISTINCT
        a.trace_code, a.item_code, a.person_no, a.settlement_no AS first_no, b.settlement_no AS again_no,
        a.site_no AS first_site, b.person_no AS again_by, b.site_no AS outlet_no,
        unit_of(p.household_no, p.probable_household_no, p.person_no) AS unit_no,
        a.sales = 2 AND a.site_no <> b.site_no AND coalesce(a.item_code = b.item_code, FALSE) AS from_elsewhere
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
),
brought AS (SELECT DISTINCT outlet_no, unit_no, item_code FROM came_back WHERE from_elsewhere),
units AS (SELECT outlet_no, count(DISTINCT unit_no) AS n FROM brought GROUP BY outlet_no),
same_drug AS (SELECT outlet_no, item_code FROM brought GROUP BY ALL HAVING count(*) >= 3),
alike AS (
    SELECT DISTINCT c.outlet_no, c.person_no
    FROM came_back AS c SEMI JOIN same_drug AS d ON d.outlet_no = c.outlet_no AND d.item_code = c.item_code
    WHERE c.from_elsewhere
),
-- what households that are no first buyers of this outlet brought to the others
to_others AS (
    SELECT u.outlet_no, b.outlet_no AS other_no, b.unit_no, b.item_code
    FROM units AS u
    JOIN brought AS b ON b.outlet_no <> u.outlet_no
    ANTI JOIN brought AS o ON o.outlet_no = u.outlet_no AND o.unit_no = b.unit_no
),
of_any_drug AS (
    SELECT outlet_no, count(DISTINCT (other_no, unit_no)) AS n FROM to_others GROUP BY outlet_no
),
by_drug AS (SELECT item_code, count(*) AS n FROM sold WHERE item_code IS NOT NULL GROUP BY item_code),
drug_volume AS (
    SELECT site_no AS outlet_no, item_code, count(*) AS n FROM sold WHERE item_code IS NOT NULL GROUP BY site_no, item_code
),
of_the_drugs AS (
    SELECT t.outlet_no, sum(t.n * v.n / greatest(d.n - v.n, 1)) AS expected
    FROM (SELECT outlet_no, item_code, count(*) AS n FROM to_others GROUP BY outlet_no, item_code) AS t
    JOIN drug_volume AS v ON v.outlet_no = t.outlet_no AND v.item_code = t.item_code
    JOIN by_drug AS d ON d.item_code = t.item_code
    GROUP BY t.outlet_no
)
SELECT
    c.outlet_no, x.kind AS outlet_kind, c.first_site, c.person_no, c.first_no, c.again_no, c.again_by, c.trace_code,
    o.person_no IS NOT NULL AS often, y.outlets,
    coalesce(b.persons, 0) AS persons, v.n * (y.persons - coalesce(b.persons, 0)) / greatest(y.n - v.n, 1) AS expected,
    coalesce(u.n, 0) AS elsewhere,
    greatest(v.n * coalesce(n.n, 0) / greatest(y.n - v.n, 1), coalesce(e.expected, 0)) AS expected_elsewhere
FROM came_back AS c
LEFT JOIN often AS o ON o.person_no = c.person_no AND o.outlet_no = c.outlet_no
LEFT JOIN alike AS a ON a.person_no = c.person_no AND a.outlet_no = c.outlet_no
LEFT JOIN buyers AS b ON b.outlet_no = c.outlet_no
LEFT JOIN units AS u ON u.outlet_no = c.outlet_no
LEFT JOIN of_any_drug AS n ON n.outlet_no = c.outlet_no
LEFT JOIN of_the_drugs AS e ON e.outlet_no = c.outlet_no
JOIN volume AS v ON v.site_no = c.outlet_no
JOIN sites AS x ON x.site_no = c.outlet_no
CROSS JOIN city AS y
WHERE o.person_no IS NOT NULL OR (a.person_no IS NOT NULL AND c.from_elsewhere)
ORDER BY c.outlet_no, c.first_no, c.again_no, c.trace_code

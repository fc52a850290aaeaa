-- Stays of two nights and more whose bill is nearly that of another household at the same institution, and what to expect.
-- Bills are alike where, over all items of either, the smaller quantity is $least_alike of the larger on average: a weighted
-- Jaccard index in which bed days do not drown the rest. Equal bills are told once; others meet where they share two of
-- the entries (an item in a quantity) that are rarest in the house, out of so many that bills which share four fifths of
-- their entries share two of them. Where more than $most_met bills meet, what they share is no rarity.
-- `rate` is the share of a house's bills that one template would have to hold to make households as alike as they are:
-- in the diagnosis and length elsewhere, or in the house's other diagnoses, whichever is more. It is the root of the share
-- of alike pairs, with $prior pairs of the city's own share; a diagnosis that fewer than $least_peers other houses treat
-- cannot be judged. A bill more than half of which is one thing taken once is the price of a package.
WITH units AS (
    SELECT person_no, unit_of(household_no, probable_household_no, person_no) AS unit_no FROM persons
),
admitted AS MATERIALIZED (
    SELECT
        s.settlement_no, s.person_no, u.unit_no, s.site_no, upper(substr(s.diagnosis_code, 1, 3)) AS category,
        -- a week and a fortnight more or less: days are charged for
        floor(2 * log2(date_diff('day', CAST(s.begin_at AS DATE), CAST(s.end_at AS DATE)))) AS length
    FROM settlements AS s JOIN units AS u USING (person_no)
    WHERE s.is_event AND NOT s.is_manual AND s.kind = 'inpatient' AND s.diagnosis_code IS NOT NULL
      AND date_diff('day', CAST(s.begin_at AS DATE), CAST(s.end_at AS DATE)) >= 2
),
charged AS MATERIALIZED (
    SELECT l.settlement_no, l.item_code, round(sum(l.quantity), 3) AS quantity, sum(l.amount_fen) AS amount_fen
    FROM lines AS l SEMI JOIN admitted USING (settlement_no)
    GROUP BY l.settlement_no, l.item_code
    HAVING sum(l.quantity) > 0
),
wholes AS (
    -- a sum does not depend on the order of the items
    SELECT settlement_no, sum(hash(item_code, quantity)) AS whole, count(*) AS items
    FROM charged GROUP BY settlement_no
    HAVING count(*) >= $least_items AND 2 * coalesce(max(amount_fen) FILTER (WHERE quantity <= 1), 0) <= sum(amount_fen)
),
stays AS MATERIALIZED (
    SELECT t.*, w.items, min(t.settlement_no) OVER (PARTITION BY t.site_no, w.whole) AS bill
    FROM admitted AS t JOIN wholes AS w USING (settlement_no)
),
bills AS (SELECT DISTINCT site_no, bill, items FROM stays),
told AS MATERIALIZED (
    SELECT b.site_no, b.bill, b.items, c.item_code, c.quantity
    FROM bills AS b JOIN charged AS c ON c.settlement_no = b.bill
),
rare AS (
    SELECT *, row_number() OVER (PARTITION BY bill ORDER BY held, item_code, quantity) AS place
    FROM (SELECT *, count(*) OVER (PARTITION BY site_no, item_code, quantity) AS held FROM told)
),
firsts AS (
    SELECT site_no, bill, place, hash(item_code, quantity) AS pair FROM rare
    WHERE place <= items - ceil(0.8 * items) + 2 AND held >= 2
),
doubles AS (
    SELECT a.site_no, a.bill, least(a.pair, b.pair) AS pair, greatest(a.pair, b.pair) AS other
    FROM firsts AS a JOIN firsts AS b ON b.bill = a.bill AND b.place > a.place
),
keys AS MATERIALIZED (
    SELECT site_no, bill, pair, other FROM doubles
    QUALIFY count(*) OVER (PARTITION BY site_no, pair, other) BETWEEN 2 AND $most_met
),
met AS MATERIALIZED (
    SELECT DISTINCT a.bill AS a, b.bill AS b
    FROM keys AS a JOIN keys AS b USING (site_no, pair, other)
    WHERE a.bill < b.bill
),
-- item by item of the one bill first: the items of a house's bills against one another would be far more rows
sides AS MATERIALIZED (SELECT m.a, m.b, x.item_code, x.quantity FROM met AS m JOIN told AS x ON x.bill = m.a),
common AS (
    SELECT s.a, s.b, count(*) AS items, sum(least(s.quantity, y.quantity) / greatest(s.quantity, y.quantity)) AS alike
    FROM sides AS s JOIN told AS y ON y.bill = s.b AND y.item_code = s.item_code
    GROUP BY s.a, s.b
),
near AS MATERIALIZED (
    SELECT c.a, c.b
    FROM common AS c JOIN bills AS x ON x.bill = c.a JOIN bills AS y ON y.bill = c.b
    WHERE c.alike >= $least_alike * (x.items + y.items - c.items)
),
held AS MATERIALIZED (
    SELECT site_no, category, length, bill, count(DISTINCT unit_no) AS n FROM stays GROUP BY ALL
),
alike_pairs AS (
    SELECT site_no, category, length, n * (n - 1) / 2 AS pairs FROM held
    UNION ALL
    SELECT x.site_no, x.category, x.length, x.n * y.n
    FROM near AS e
    JOIN held AS x ON x.bill = e.a
    JOIN held AS y ON y.bill = e.b AND y.category = x.category AND y.length = x.length
),
cells AS MATERIALIZED (
    SELECT site_no, category, length, sum(n) AS n, sum(n) * (sum(n) - 1) / 2 AS pairs FROM held GROUP BY ALL
),
alike_in AS (SELECT site_no, category, length, sum(pairs) AS alike FROM alike_pairs GROUP BY ALL),
counted AS MATERIALIZED (
    SELECT c.*, a.alike FROM cells AS c JOIN alike_in AS a USING (site_no, category, length)
),
of_cell AS (SELECT category, length, sum(pairs) AS pairs, sum(alike) AS alike FROM counted GROUP BY ALL),
of_site AS (SELECT site_no, sum(pairs) AS pairs, sum(alike) AS alike FROM counted GROUP BY ALL),
city AS (SELECT sum(pairs) AS pairs, sum(alike) AS alike FROM counted),
without AS (
    -- the city's share without the house: its own clones do not speak for themselves
    SELECT s.site_no, (y.alike - s.alike + 0.5) / (y.pairs - s.pairs + 1) AS share FROM of_site AS s CROSS JOIN city AS y
),
of_diagnosis AS (
    SELECT site_no, category, sum(pairs) AS pairs, sum(alike) AS alike FROM counted GROUP BY ALL
),
own AS (
    -- the middle one of the house's other diagnoses: one ring that uses two templates is no order set
    SELECT a.site_no, a.category, quantile_disc((b.alike + $prior * w.share) / (b.pairs + $prior), 0.5) AS share
    FROM of_diagnosis AS a
    JOIN of_diagnosis AS b ON b.site_no = a.site_no AND b.category <> a.category
    JOIN without AS w ON w.site_no = a.site_no
    GROUP BY a.site_no, a.category
),
peers AS (SELECT category, count(DISTINCT site_no) AS houses FROM cells GROUP BY category),
judged AS (
    SELECT
        c.site_no, c.category, c.length, c.n,
        sqrt(least(1, greatest(
            (e.alike - c.alike + $prior * w.share) / (e.pairs - c.pairs + $prior), coalesce(o.share, 0)
        ))) AS rate
    FROM counted AS c
    JOIN of_cell AS e USING (category, length)
    JOIN without AS w USING (site_no)
    JOIN peers AS h USING (category)
    LEFT JOIN own AS o USING (site_no, category)
    WHERE h.houses > $least_peers
),
neighbours AS (
    SELECT bill AS a, bill AS b FROM bills
    UNION ALL SELECT a, b FROM near
    UNION ALL SELECT b, a FROM near
),
met_units AS (
    SELECT n.a AS bill, count(DISTINCT s.unit_no) AS households
    FROM neighbours AS n JOIN stays AS s ON s.bill = n.b
    GROUP BY n.a
),
core AS (SELECT bill, households FROM met_units WHERE households >= $least_units)
SELECT
    s.settlement_no, s.person_no, s.unit_no, s.site_no, s.category, s.length, s.bill, e.b AS other, c.households,
    j.n * j.rate AS expected, (SELECT count(*) FROM stays) AS looked_at
FROM core AS c
JOIN stays AS s USING (bill)
JOIN judged AS j USING (site_no, category, length)
JOIN neighbours AS e ON e.a = s.bill
SEMI JOIN core AS k ON k.bill = e.b
ORDER BY s.settlement_no, e.b

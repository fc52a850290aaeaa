-- Every stay with five indicators of a stay on paper, and what each is worth in nats against the other institutions:
--   bed      the bed was given to somebody else on one of its nights;
--   bare     charges arose on at most half of its days (three nights at least);
--   uncared  of what stays are charged for day by day (bed, nursing: the tables say which kinds), two kinds at least are
--            charged for at most half of its nights (three nights at least). A bill more than half of which is one thing
--            taken once is the price of a package or an operation, and says nothing of days;
--   copied   the same items in the same quantities as another person's bill of that institution (six items at least);
--   away     the person was treated or bought something elsewhere in the middle of it.
-- Of what a long stay has more occasions for (bed, away) the worth is that of so many nights.
-- An indicator that half of an institution's stays have is a fault of its feed and worth nothing there; bills that are
-- bare or alike in a diagnosis at most houses are the nature of its care and worth what they are rare there.
WITH stays AS (
    SELECT
        settlement_no, person_no, site_no, doctor_no, bed, upper(substr(diagnosis_code, 1, 3)) AS category,
        CAST(begin_at AS DATE) AS from_day, CAST(end_at AS DATE) AS to_day,
        date_diff('day', CAST(begin_at AS DATE), CAST(end_at AS DATE)) AS nights
    FROM settlements
    WHERE is_event AND NOT is_manual AND kind = 'inpatient' AND CAST(end_at AS DATE) > CAST(begin_at AS DATE)
),
in_bed AS (
    SELECT
        settlement_no,
        coalesce(from_day < max(to_day) OVER (w ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), FALSE)
        OR coalesce(to_day > lead(from_day) OVER w, FALSE) AS is_shared
    FROM stays
    WHERE bed IS NOT NULL
    WINDOW w AS (PARTITION BY site_no, bed ORDER BY from_day, to_day, settlement_no)
),
line_days AS (
    SELECT l.settlement_no, count(DISTINCT CAST(l.occurred_at AS DATE)) AS days
    FROM lines AS l SEMI JOIN stays USING (settlement_no)
    WHERE l.occurred_at IS NOT NULL
    GROUP BY l.settlement_no
),
charged AS MATERIALIZED (
    SELECT
        l.settlement_no, l.item_code, coalesce(l.charge_type, l.item_code) AS charge,
        sum(l.quantity) AS quantity, sum(l.amount_fen) AS amount_fen
    FROM lines AS l SEMI JOIN stays USING (settlement_no)
    GROUP BY l.settlement_no, l.item_code, charge
),
packages AS (
    SELECT settlement_no
    FROM charged GROUP BY settlement_no
    HAVING 2 * max(amount_fen) FILTER (WHERE quantity <= 1) > sum(amount_fen)
),
by_charge AS (
    -- kinds of charge of every stay of three nights that has lines, with whether they cover half of its nights
    SELECT c.settlement_no, t.site_no, c.charge, 2 * sum(c.quantity) >= any_value(t.nights) AS covers
    FROM charged AS c JOIN stays AS t USING (settlement_no)
    WHERE t.nights >= 3
    GROUP BY c.settlement_no, t.site_no, c.charge
),
billed AS (SELECT DISTINCT settlement_no, site_no FROM by_charge),
billed_at AS (SELECT site_no, count(*) AS n FROM billed GROUP BY site_no),
covered_at AS (
    SELECT b.charge, b.site_no, count(*) FILTER (WHERE b.covers) / any_value(s.n) AS share
    FROM by_charge AS b JOIN billed_at AS s USING (site_no)
    GROUP BY b.charge, b.site_no
),
daily AS (
    -- a day's charge covers the nights of nearly all stays at the middle one of all houses
    SELECT charge FROM (SELECT charge, median(share) AS share, count(*) AS houses FROM covered_at GROUP BY charge)
    WHERE share >= $daily_coverage AND 2 * houses > (SELECT count(*) FROM billed_at)
),
uncovered AS (
    -- kinds that a house seldom has are not its way of charging
    SELECT b.settlement_no, s.charge
    FROM billed AS b JOIN covered_at AS s USING (site_no) SEMI JOIN daily USING (charge)
    WHERE s.share >= $own_coverage
    EXCEPT ALL
    SELECT settlement_no, charge FROM by_charge WHERE covers
),
uncared AS (
    SELECT settlement_no FROM uncovered ANTI JOIN packages USING (settlement_no)
    GROUP BY settlement_no HAVING count(*) >= 2
),
bills AS (
    SELECT settlement_no, md5(string_agg(item_code || ':' || quantity, ',' ORDER BY item_code)) AS bill
    FROM (
        SELECT settlement_no, item_code, CAST(round(sum(quantity), 3) AS VARCHAR) AS quantity
        FROM charged GROUP BY settlement_no, item_code
    )
    GROUP BY settlement_no
    HAVING count(*) >= 6
),
copies AS (
    SELECT t.site_no, b.bill
    FROM bills AS b JOIN stays AS t USING (settlement_no)
    GROUP BY t.site_no, b.bill
    HAVING count(DISTINCT t.person_no) > 1
),
visits AS (SELECT DISTINCT from_no AS settlement_no FROM "overlaps" WHERE kind = 'stay_and_visit'),
marked AS (
    SELECT
        t.settlement_no, t.person_no, t.site_no, t.doctor_no, t.category, t.nights,
        coalesce(b.is_shared, FALSE) AS bed,
        t.nights >= 3 AND d.days IS NOT NULL AND 2 * d.days <= t.nights + 1 AS bare,
        u.settlement_no IS NOT NULL AS uncared,
        c.bill IS NOT NULL AS copied,
        v.settlement_no IS NOT NULL AS away
    FROM stays AS t
    LEFT JOIN in_bed AS b USING (settlement_no)
    LEFT JOIN line_days AS d USING (settlement_no)
    LEFT JOIN uncared AS u USING (settlement_no)
    LEFT JOIN bills AS x USING (settlement_no)
    LEFT JOIN copies AS c ON c.site_no = t.site_no AND c.bill = x.bill
    LEFT JOIN visits AS v USING (settlement_no)
),
by_site AS (
    SELECT
        site_no, count(*) AS n, count(*) FILTER (WHERE bed) AS bed, count(*) FILTER (WHERE bare) AS bare,
        count(*) FILTER (WHERE uncared) AS uncared, count(*) FILTER (WHERE copied) AS copied,
        count(*) FILTER (WHERE away) AS away, sum(nights) AS nights
    FROM marked GROUP BY site_no
),
city AS (
    SELECT
        sum(n) AS n, sum(bed) AS bed, sum(bare) AS bare, sum(uncared) AS uncared, sum(copied) AS copied, sum(away) AS away,
        sum(nights) AS nights
    FROM by_site
),
usual AS (
    -- what the middle one of the houses shows in a diagnosis that five houses at least know well
    SELECT category, median(uncared) AS uncared, median(copied) AS copied
    FROM (
        SELECT category, site_no, avg(CAST(uncared AS INTEGER)) AS uncared, avg(CAST(copied AS INTEGER)) AS copied
        FROM marked WHERE category IS NOT NULL GROUP BY category, site_no HAVING count(*) >= 5
    )
    GROUP BY category HAVING count(*) >= 5
),
worth AS (
    -- the rate elsewhere, with one pseudo-stay; of what a long stay has more occasions for, the rate a night
    SELECT
        s.site_no,
        CASE WHEN 2 * s.bed < s.n THEN (c.bed - s.bed + 1) / (c.nights - s.nights + c.nights / c.n) END AS bed,
        CASE WHEN 2 * s.bare < s.n THEN (c.bare - s.bare + 1) / (c.n - s.n + 1) ELSE 1 END AS bare,
        CASE WHEN 2 * s.uncared < s.n THEN (c.uncared - s.uncared + 1) / (c.n - s.n + 1) ELSE 1 END AS uncared,
        CASE WHEN 2 * s.copied < s.n THEN (c.copied - s.copied + 1) / (c.n - s.n + 1) ELSE 1 END AS copied,
        CASE WHEN 2 * s.away < s.n THEN (c.away - s.away + 1) / (c.nights - s.nights + c.nights / c.n) END AS away
    FROM by_site AS s CROSS JOIN city AS c
),
worths AS (
    -- never more than five nats for one indicator
    SELECT
        m.settlement_no, m.person_no, m.site_no, coalesce(m.doctor_no, -1) AS doctor_no, m.category, m.nights,
        CASE WHEN m.bed AND w.bed IS NOT NULL THEN least(5, -ln(1 - exp(-w.bed * m.nights))) ELSE 0 END AS bed,
        CASE WHEN m.bare THEN least(5, -ln(w.bare)) ELSE 0 END AS bare,
        CASE WHEN m.uncared THEN least(5, -ln(greatest(w.uncared, coalesce(u.uncared, 0)))) ELSE 0 END AS uncared,
        CASE WHEN m.copied THEN least(5, -ln(greatest(w.copied, coalesce(u.copied, 0)))) ELSE 0 END AS copied,
        CASE WHEN m.away AND w.away IS NOT NULL THEN least(5, -ln(1 - exp(-w.away * m.nights))) ELSE 0 END AS away
    FROM marked AS m JOIN worth AS w USING (site_no) LEFT JOIN usual AS u USING (category)
)
SELECT
    settlement_no, person_no, site_no, doctor_no, category, nights,
    -- days without charges and nights without care are one emptiness of the bill
    bed + greatest(bare, uncared) + copied + away AS score,
    bed, bare, uncared, copied, away
FROM worths
ORDER BY settlement_no

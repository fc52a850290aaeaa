-- Every stay with four indicators of a stay on paper, and what each is worth in nats against the other institutions:
--   bed      the bed was given to somebody else on one of its nights;
--   bare     charges arose on at most half of its days (three nights at least);
--   copied   the same items in the same quantities as another person's bill of that institution (six items at least);
--   away     the person was treated or bought something elsewhere in the middle of it.
-- An indicator that half of an institution's stays have is a fault of its feed and worth nothing there.
WITH stays AS (
    SELECT
        settlement_no, person_no, site_no, doctor_no, bed,
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
bills AS (
    SELECT settlement_no, md5(string_agg(item_code || ':' || quantity, ',' ORDER BY item_code)) AS bill
    FROM (
        SELECT l.settlement_no, l.item_code, CAST(round(sum(l.quantity), 3) AS VARCHAR) AS quantity
        FROM lines AS l SEMI JOIN stays USING (settlement_no)
        GROUP BY l.settlement_no, l.item_code
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
        t.settlement_no, t.person_no, t.site_no, t.doctor_no, t.from_day, t.to_day,
        coalesce(b.is_shared, FALSE) AS bed,
        t.nights >= 3 AND d.days IS NOT NULL AND 2 * d.days <= t.nights + 1 AS bare,
        c.bill IS NOT NULL AS copied,
        v.settlement_no IS NOT NULL AS away
    FROM stays AS t
    LEFT JOIN in_bed AS b USING (settlement_no)
    LEFT JOIN line_days AS d USING (settlement_no)
    LEFT JOIN bills AS x USING (settlement_no)
    LEFT JOIN copies AS c ON c.site_no = t.site_no AND c.bill = x.bill
    LEFT JOIN visits AS v USING (settlement_no)
),
by_site AS (
    SELECT
        site_no, count(*) AS n, count(*) FILTER (WHERE bed) AS bed, count(*) FILTER (WHERE bare) AS bare,
        count(*) FILTER (WHERE copied) AS copied, count(*) FILTER (WHERE away) AS away
    FROM marked GROUP BY site_no
),
city AS (
    SELECT sum(n) AS n, sum(bed) AS bed, sum(bare) AS bare, sum(copied) AS copied, sum(away) AS away FROM by_site
),
worth AS (
    -- the rate elsewhere, with one pseudo-stay; never more than five nats for one indicator
    SELECT
        s.site_no, s.n,
        CASE WHEN 2 * s.bed < s.n THEN least(5, -ln((c.bed - s.bed + 1) / (c.n - s.n + 1))) ELSE 0 END AS bed,
        CASE WHEN 2 * s.bare < s.n THEN least(5, -ln((c.bare - s.bare + 1) / (c.n - s.n + 1))) ELSE 0 END AS bare,
        CASE WHEN 2 * s.copied < s.n THEN least(5, -ln((c.copied - s.copied + 1) / (c.n - s.n + 1))) ELSE 0 END AS copied,
        CASE WHEN 2 * s.away < s.n THEN least(5, -ln((c.away - s.away + 1) / (c.n - s.n + 1))) ELSE 0 END AS away
    FROM by_site AS s CROSS JOIN city AS c
)
SELECT
    m.settlement_no, m.person_no, m.site_no, coalesce(m.doctor_no, -1) AS doctor_no,
    (CASE WHEN m.bed THEN w.bed ELSE 0 END) + (CASE WHEN m.bare THEN w.bare ELSE 0 END)
    + (CASE WHEN m.copied THEN w.copied ELSE 0 END) + (CASE WHEN m.away THEN w.away ELSE 0 END) AS score,
    CAST(m.bed AND w.bed > 0 AS INTEGER) AS bed, CAST(m.bare AND w.bare > 0 AS INTEGER) AS bare,
    CAST(m.copied AND w.copied > 0 AS INTEGER) AS copied, CAST(m.away AND w.away > 0 AS INTEGER) AS away
FROM marked AS m JOIN worth AS w USING (site_no)
ORDER BY m.settlement_no

-- Records that a site delivered twice: one person, one amount and the same lines again within the hour under another id.
-- A purchase paid in two halves is rare and a person's own; a fault of the feed meets many persons and a hundredth of all
-- that the site delivers, ten times what half of the other sites of its kind do.
WITH visits AS (
    SELECT
        s.settlement_no, s.site_no, x.kind, s.person_no,
        lag(s.settlement_no) OVER w AS earlier_no,
        date_diff('minute', lag(s.settled_at) OVER w, s.settled_at) AS gap_minutes
    FROM settlements AS s JOIN sites AS x USING (site_no)
    WHERE s.is_event AND NOT s.is_manual AND s.kind NOT IN ('inpatient', 'maternity')
    WINDOW w AS (PARTITION BY s.site_no, s.person_no, s.kind, s.total_fen, s.day ORDER BY s.settled_at, s.settlement_no)
),
near AS (SELECT * FROM visits WHERE gap_minutes <= 60),
wanted AS (SELECT settlement_no FROM near UNION SELECT earlier_no FROM near),
bills AS (
    SELECT l.settlement_no, string_agg(l.item_code || ':' || l.amount_fen, ',' ORDER BY l.item_code, l.amount_fen) AS bill
    FROM lines AS l SEMI JOIN wanted USING (settlement_no)
    GROUP BY l.settlement_no
),
repeats AS (
    SELECT n.site_no, n.person_no
    FROM near AS n
    LEFT JOIN bills AS a ON a.settlement_no = n.settlement_no
    LEFT JOIN bills AS b ON b.settlement_no = n.earlier_no
    -- without any lines the amount alone has to do
    WHERE a.bill IS NOT DISTINCT FROM b.bill
),
counted AS (SELECT site_no, count(*) AS affected, count(DISTINCT person_no) AS persons FROM repeats GROUP BY site_no),
measured AS (
    SELECT v.site_no, v.kind, any_value(coalesce(c.affected, 0)) AS affected, any_value(coalesce(c.persons, 0)) AS persons,
        count(*) AS tested
    FROM visits AS v LEFT JOIN counted AS c USING (site_no)
    GROUP BY v.site_no, v.kind
),
compared AS (
    SELECT *, affected / tested AS share, median(affected / tested) OVER (PARTITION BY kind) AS usual FROM measured
)
SELECT site_no, 'delivered_twice' AS fault, affected, tested, share, usual, CAST(NULL AS INTEGER) AS minutes
FROM compared
WHERE persons >= 10 AND share >= 0.01 AND share >= 10 * usual

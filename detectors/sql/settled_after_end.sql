-- Services that began after the holder's death, or after the end of the enrolment and at the fund's expense. Days of
-- grace are left to late records: a stay that ends in death is settled afterwards but began before it. Paper claims
-- are left out (they are filed later by right). Everybody whom a doctor, or a counter, has seen could be a case.
WITH events AS (
    SELECT s.settlement_no, s.person_no, s.site_no, coalesce(s.doctor_no, -1) AS doctor_no, s.fund_fen,
        CAST(s.begin_at AS DATE) AS on_day
    FROM settlements AS s
    WHERE s.is_event AND NOT s.is_manual
),
late AS (
    SELECT e.person_no, e.settlement_no, e.site_no, e.doctor_no,
        CASE WHEN e.on_day > p.died_on + CAST($grace_days AS INTEGER) THEN 'death' ELSE 'enrolment' END AS side
    FROM events AS e JOIN persons AS p USING (person_no)
    WHERE e.on_day > p.died_on + CAST($grace_days AS INTEGER)
       OR (p.died_on IS NULL AND e.fund_fen > 0 AND e.on_day > p.enrolled_until + CAST($grace_unpaid AS INTEGER))
),
seen AS (SELECT site_no, doctor_no, count(DISTINCT person_no) AS n FROM events GROUP BY site_no, doctor_no),
in_site AS (SELECT site_no, sum(n) AS n FROM seen GROUP BY site_no)
SELECT
    l.person_no, l.settlement_no, l.site_no, l.doctor_no, l.side, d.n AS doctor_n, x.n AS site_n,
    (SELECT sum(n) FROM seen) AS city_n, (SELECT count(*) FROM seen) + (SELECT count(*) FROM in_site) AS cells
FROM late AS l
JOIN seen AS d USING (site_no, doctor_no)
JOIN in_site AS x USING (site_no)
ORDER BY l.settlement_no

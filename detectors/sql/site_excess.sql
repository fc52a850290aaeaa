-- Per person, site and half of the time (even and odd fortnights): what was paid, and what is usual for the same service at
-- the same kind and level of place, the same diagnosis group, sex, age and month.
WITH paid AS (
    SELECT
        s.person_no, s.site_no, (s.day // 14) % 2 AS half, s.total_fen,
        concat_ws('|', s.kind, x.kind, x.level) AS peers, substr(s.diagnosis_code, 1, 3) AS diagnosis,
        concat_ws('|', p.sex, (year(s.settled_at) - p.birth_year) // 20) AS folk, month(s.settled_at) AS month
    FROM settlements AS s JOIN sites AS x USING (site_no) JOIN persons AS p USING (person_no)
    WHERE s.is_event AND NOT s.is_manual
),
kin AS (SELECT peers, avg(total_fen) AS usual FROM paid GROUP BY peers),
ill AS (
    SELECT peers, diagnosis, folk, avg(total_fen) AS usual
    FROM paid WHERE diagnosis IS NOT NULL GROUP BY peers, diagnosis, folk HAVING count(*) >= 30
),
season AS (
    SELECT p.peers, p.month, avg(p.total_fen) / any_value(k.usual) AS factor
    FROM paid AS p JOIN kin AS k USING (peers) GROUP BY p.peers, p.month HAVING count(*) >= 30
)
SELECT
    p.person_no, p.site_no, CAST(p.half AS INTEGER) AS half, count(*) AS n, sum(p.total_fen) AS paid_fen,
    CAST(sum(CAST(coalesce(i.usual, k.usual) * coalesce(s.factor, 1) AS BIGINT)) AS BIGINT) AS usual_fen
FROM paid AS p
JOIN kin AS k USING (peers)
LEFT JOIN ill AS i ON i.peers = p.peers AND i.diagnosis = p.diagnosis AND i.folk = p.folk
LEFT JOIN season AS s ON s.peers = p.peers AND s.month = p.month
GROUP BY p.person_no, p.site_no, p.half
ORDER BY p.person_no, p.site_no, half

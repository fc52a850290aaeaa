-- The purchases in `bought` (person_no, settlement_no, site_no, day, … in this order) with `own`, the share of their site in
-- the person's other visits: 0 where the person is never otherwise.
WITH elsewhere AS (
    SELECT s.person_no, s.site_no, count(*) AS n
    FROM settlements AS s SEMI JOIN bought AS v ON v.person_no = s.person_no
    ANTI JOIN bought AS b ON b.settlement_no = s.settlement_no
    WHERE s.is_event AND NOT s.is_manual
    GROUP BY s.person_no, s.site_no
),
habit AS (SELECT person_no, site_no, n / sum(n) OVER (PARTITION BY person_no) AS own FROM elsewhere)
SELECT b.*, coalesce(h.own, 0) AS own
FROM bought AS b LEFT JOIN habit AS h ON h.person_no = b.person_no AND h.site_no = b.site_no
ORDER BY ALL

-- Purchases of drugs that patients take regularly, by persons who take them only now and then (medicines_sampled), for every
-- person who does so with several such drugs. `own` is the share of the site in the person's other visits.
WITH several AS (SELECT person_no, count(*) AS drugs FROM medicines_sampled GROUP BY person_no HAVING count(*) >= 2),
bought AS (
    SELECT u.person_no, u.settlement_no, any_value(u.site_no) AS site_no, any_value(u.day) AS day, any_value(v.drugs) AS drugs
    FROM medicines_used AS u
    JOIN medicines_sampled AS m ON m.item_code = u.item_code AND m.person_no = u.person_no
    JOIN several AS v ON v.person_no = u.person_no
    GROUP BY u.person_no, u.settlement_no
),
elsewhere AS (
    SELECT s.person_no, s.site_no, count(*) AS n
    FROM settlements AS s SEMI JOIN several AS v ON v.person_no = s.person_no
    ANTI JOIN bought AS b ON b.settlement_no = s.settlement_no
    WHERE s.is_event AND NOT s.is_manual
    GROUP BY s.person_no, s.site_no
),
habit AS (SELECT person_no, site_no, n / sum(n) OVER (PARTITION BY person_no) AS own FROM elsewhere)
SELECT b.person_no, b.settlement_no, b.site_no, b.day, b.drugs, coalesce(h.own, 0) AS own
FROM bought AS b LEFT JOIN habit AS h ON h.person_no = b.person_no AND h.site_no = b.site_no
ORDER BY b.person_no, b.settlement_no

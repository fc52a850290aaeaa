-- Purchases of drugs that patients take regularly, by persons who take them only now and then, for every person who
-- does so with several such drugs. A drug is taken regularly when at least half of the persons who have it bought it on
-- three days or more. A person samples it when at most a third of the refills that were due followed the first purchase,
-- with one and a half due at least. `own` is the share of the site in the person's other visits.
WITH used AS (
    SELECT l.item_code, s.person_no, s.day, s.site_no, s.settlement_no
    FROM lines AS l JOIN settlements AS s USING (settlement_no)
    WHERE l.is_drug AND s.is_event AND NOT s.is_manual AND s.kind NOT IN ('inpatient', 'maternity')
    GROUP BY ALL
),
by_person AS (
    SELECT item_code, person_no, count(DISTINCT day) AS n, min(day) AS first_day, max(day) AS last_day
    FROM used GROUP BY item_code, person_no
),
regular AS (
    SELECT item_code, median((last_day - first_day) / (n - 1)) FILTER (WHERE n >= 3) AS step
    FROM by_person
    GROUP BY item_code
    HAVING count(*) >= 20 AND 2 * count(*) FILTER (WHERE n >= 3) >= count(*)
),
sampled AS (
    SELECT p.item_code, p.person_no
    FROM by_person AS p JOIN regular AS r USING (item_code)
    CROSS JOIN (SELECT max(day) AS last_day FROM settlements) AS e
    WHERE (e.last_day - p.first_day) / r.step >= 1.5 AND p.n - 1 <= (e.last_day - p.first_day) / r.step / 3
),
several AS (SELECT person_no, count(*) AS drugs FROM sampled GROUP BY person_no HAVING count(*) >= 2),
bought AS (
    SELECT u.person_no, u.settlement_no, any_value(u.site_no) AS site_no, any_value(u.day) AS day, any_value(v.drugs) AS drugs
    FROM used AS u
    JOIN sampled AS m ON m.item_code = u.item_code AND m.person_no = u.person_no
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

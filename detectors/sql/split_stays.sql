-- Stays that continue another: the same person is admitted again to the same institution within some days of the
-- discharge, with a diagnosis of the same category (first three characters). What share of a category's patients come
-- back so soon is its nature (courses of chemotherapy, dialysis, births); each category has a rate of its own, and
-- categories that are rare, or that one institution treats almost alone, are left out: nobody else says what is usual.
-- The nature of a person's illness also speaks where a plan for it is registered: such persons are left out.
WITH stays AS (
    SELECT
        s.settlement_no, s.person_no, s.site_no, coalesce(s.doctor_no, -1) AS doctor_no,
        upper(substr(s.diagnosis_code, 1, 3)) AS side, CAST(s.begin_at AS DATE) AS from_day, CAST(s.end_at AS DATE) AS to_day
    FROM settlements AS s
    WHERE s.is_event AND NOT s.is_manual AND s.kind = 'inpatient' AND s.diagnosis_code IS NOT NULL
      AND s.person_no NOT IN (SELECT person_no FROM registrations WHERE kind = 'chronic_disease')
),
known AS (
    SELECT side
    FROM (SELECT side, site_no, count(DISTINCT person_no) AS n FROM stays GROUP BY side, site_no)
    GROUP BY side
    HAVING sum(n) >= 30 AND max(n) <= 0.7 * sum(n)
),
judged AS (SELECT * FROM stays SEMI JOIN known USING (side)),
followed AS (
    SELECT *,
        lead(settlement_no) OVER w AS next_no, lead(from_day) OVER w AS next_day, lead(doctor_no) OVER w AS next_doctor
    FROM judged
    -- stays that overlap are another question
    WINDOW w AS (PARTITION BY person_no, site_no, side ORDER BY from_day, to_day, settlement_no)
),
links AS (
    SELECT person_no, site_no, side, settlement_no, next_no, doctor_no, next_doctor, date_diff('day', to_day, next_day) AS gap
    FROM followed
    WHERE date_diff('day', to_day, next_day) BETWEEN 0 AND CAST($most_gap AS INTEGER) AND to_day > from_day
),
told AS (
    SELECT person_no, site_no, side, doctor_no, settlement_no, gap FROM links
    UNION ALL
    -- the second stay of a link, under the doctor of the first
    SELECT person_no, site_no, side, doctor_no, next_no, gap FROM links
),
seen AS (SELECT side, site_no, doctor_no, count(DISTINCT person_no) AS n FROM judged GROUP BY ALL),
in_site AS (SELECT side, site_no, sum(n) AS n FROM seen GROUP BY side, site_no),
in_city AS (SELECT side, sum(n) AS n FROM seen GROUP BY side)
SELECT
    t.person_no, t.settlement_no, t.site_no, t.doctor_no, t.side, min(t.gap) AS gap,
    any_value(d.n) AS doctor_n, any_value(x.n) AS site_n, any_value(c.n) AS city_n,
    (SELECT count(*) + count(DISTINCT site_no) FROM (SELECT DISTINCT site_no, doctor_no FROM seen)) AS cells
FROM told AS t
JOIN seen AS d USING (side, site_no, doctor_no)
JOIN in_site AS x USING (side, site_no)
JOIN in_city AS c USING (side)
GROUP BY t.person_no, t.settlement_no, t.site_no, t.doctor_no, t.side
ORDER BY t.settlement_no, t.doctor_no

-- Visits for what hardly anybody of the holder's sex, or about the holder's age, has elsewhere. What a visit was for is
-- its main diagnosis and each of its items; nothing is listed by hand. Persons are counted once a diagnosis or item,
-- institution and doctor; the doctor's own patients do not speak of what is usual (they are left out), and what fewer
-- than 20 others had says nothing. Purchases at pharmacies are left out: relatives may buy there.
--   worth = ln((persons that the city's mix of sexes or ages would give + 1) / (persons there are + 1)), in nats.
-- Ages are compared in bands; the neighbouring bands count as well, so that nobody is foreign by a year or two.
WITH visits AS MATERIALIZED (
    SELECT
        s.settlement_no, s.person_no, s.site_no, coalesce(s.doctor_no, -1) AS doctor_no, s.diagnosis_code, p.sex,
        -- 0 below one year, then from 1, 4, 7, 12, 18, 30, 45, 60, 75 on
        CAST(y >= 1 AS TINYINT) + CAST(y >= 4 AS TINYINT) + CAST(y >= 7 AS TINYINT) + CAST(y >= 12 AS TINYINT)
        + CAST(y >= 18 AS TINYINT) + CAST(y >= 30 AS TINYINT) + CAST(y >= 45 AS TINYINT) + CAST(y >= 60 AS TINYINT)
        + CAST(y >= 75 AS TINYINT) AS band
    FROM settlements AS s
    JOIN persons AS p USING (person_no)
    CROSS JOIN LATERAL (SELECT extract(year FROM s.settled_at) - p.birth_year AS y)
    WHERE s.is_event AND NOT s.is_manual AND s.kind <> 'pharmacy'
),
charged AS MATERIALIZED (
    SELECT l.item_code, l.settlement_no, v.site_no, v.doctor_no, v.person_no, v.sex, v.band
    FROM lines AS l JOIN visits AS v USING (settlement_no)
),
-- a first look at all of them, visit by visit: only what some sex or age band has seldom is counted by persons below
mix AS (
    SELECT 'diagnosis' AS sort, diagnosis_code AS code, sex, band, count(*) AS n
    FROM visits WHERE diagnosis_code IS NOT NULL GROUP BY ALL
    UNION ALL
    SELECT 'item', item_code, sex, band, count(*) FROM charged GROUP BY ALL
),
-- both measures at once: the sexes are two bands of their own, far from each other
parts AS (
    SELECT 'sex' AS measure, sort, code, CASE sex WHEN 'male' THEN 100 ELSE 200 END AS band, sum(n) AS n
    FROM mix WHERE sex IN ('male', 'female') GROUP BY ALL
    UNION ALL
    SELECT 'age', sort, code, band, sum(n) FROM mix WHERE band IS NOT NULL GROUP BY ALL
),
base AS (SELECT measure, band, sum(n) AS n FROM parts GROUP BY measure, band),
base_total AS (SELECT measure, sum(n) AS n FROM parts GROUP BY measure),
looked_at AS (
    SELECT DISTINCT t.sort, t.code
    FROM (SELECT measure, sort, code, sum(n) AS n FROM parts GROUP BY ALL HAVING sum(n) >= 20) AS t
    JOIN base AS u USING (measure)
    JOIN base_total AS a USING (measure)
    LEFT JOIN parts AS h ON h.measure = t.measure AND h.sort = t.sort AND h.code = t.code AND h.band = u.band
    WHERE coalesce(h.n, 0) <= 0.5 * t.n * u.n / a.n
),
had AS MATERIALIZED (
    SELECT 'diagnosis' AS sort, diagnosis_code AS code, site_no, doctor_no, person_no, sex, min(band) AS band
    FROM visits
    WHERE diagnosis_code IN (SELECT code FROM looked_at WHERE sort = 'diagnosis')
    GROUP BY ALL
    UNION ALL
    SELECT 'item', item_code, site_no, doctor_no, person_no, sex, min(band)
    FROM charged
    WHERE item_code IN (SELECT code FROM looked_at WHERE sort = 'item')
    GROUP BY ALL
),
grouped AS (
    SELECT 'sex' AS measure, sort, code, site_no, doctor_no, person_no,
        CASE sex WHEN 'male' THEN 100 WHEN 'female' THEN 200 END AS band
    FROM had WHERE sex IN ('male', 'female')
    UNION ALL
    SELECT 'age', sort, code, site_no, doctor_no, person_no, band FROM had WHERE band IS NOT NULL
),
here AS (
    SELECT measure, sort, code, site_no, doctor_no, band, count(*) AS n
    FROM grouped GROUP BY ALL
),
cell AS (SELECT measure, sort, code, site_no, doctor_no, sum(n) AS n FROM here GROUP BY ALL),
city_band AS (SELECT measure, sort, code, band, sum(n) AS n FROM here GROUP BY ALL),
city AS (SELECT measure, sort, code, sum(n) AS n, sum(n * band) / sum(n) AS mean_band FROM city_band GROUP BY ALL),
base_near AS (
    SELECT a.measure, a.band, sum(b.n) / any_value(t.n) AS share
    FROM base AS a
    JOIN base AS b ON b.measure = a.measure AND abs(b.band - a.band) <= 1
    JOIN base_total AS t ON t.measure = a.measure
    GROUP BY a.measure, a.band
),
city_near AS (
    SELECT t.measure, t.sort, t.code, g.band, coalesce(sum(b.n), 0) AS n
    FROM city AS t
    JOIN base_near AS g ON g.measure = t.measure
    LEFT JOIN city_band AS b
        ON b.measure = t.measure AND b.sort = t.sort AND b.code = t.code AND abs(b.band - g.band) <= 1
    GROUP BY ALL
),
-- a diagnosis or item that the whole city lets some sex or age have hardly ever; what a doctor's own patients change in
-- this is looked at below
worth_a_look AS (
    SELECT n.measure, n.sort, n.code, n.band, n.n AS near_n, t.n AS all_n, g.share, t.mean_band
    FROM city_near AS n
    JOIN city AS t USING (measure, sort, code)
    JOIN base_near AS g ON g.measure = n.measure AND g.band = n.band
    WHERE t.n >= 20 AND n.n <= 0.5 * t.n * g.share
),
here_near AS (
    SELECT a.measure, a.sort, a.code, a.site_no, a.doctor_no, a.band, sum(b.n) AS n
    FROM here AS a
    SEMI JOIN worth_a_look AS w ON w.measure = a.measure AND w.sort = a.sort AND w.code = a.code AND w.band = a.band
    JOIN here AS b
        ON b.measure = a.measure AND b.sort = a.sort AND b.code = a.code AND b.site_no = a.site_no
       AND b.doctor_no = a.doctor_no AND abs(b.band - a.band) <= 1
    GROUP BY ALL
),
foreign_here AS (
    SELECT
        h.measure, h.sort, h.code, h.site_no, h.doctor_no, h.band,
        CASE WHEN h.measure = 'sex' THEN 'sex' WHEN h.band > w.mean_band THEN 'young' ELSE 'old' END AS side,
        ln(((w.all_n - c.n) * w.share + 1) / (w.near_n - h.n + 1)) AS worth
    FROM here_near AS h
    JOIN worth_a_look AS w USING (measure, sort, code, band)
    JOIN cell AS c USING (measure, sort, code, site_no, doctor_no)
    WHERE w.all_n - c.n >= 20
),
-- how many persons had, under each doctor, anything that is bound to a sex or an age: among whom strangers are counted
bound AS (
    SELECT DISTINCT
        sort, code, CASE WHEN measure = 'sex' THEN 'sex' WHEN band > mean_band THEN 'young' ELSE 'old' END AS side
    FROM worth_a_look
),
patients AS (
    SELECT DISTINCT b.side, h.site_no, h.doctor_no, h.person_no FROM had AS h JOIN bound AS b USING (sort, code)
),
counted AS (SELECT side, site_no, doctor_no, count(*) AS n FROM patients GROUP BY side, site_no, doctor_no),
in_site AS (SELECT side, site_no, sum(n) AS n FROM counted GROUP BY side, site_no),
in_city AS (SELECT side, sum(n) AS n FROM counted GROUP BY side),
strange AS (
    SELECT
        g.person_no, g.site_no, g.doctor_no, f.side, g.sort, g.code, max(f.worth) AS worth
    FROM foreign_here AS f
    JOIN grouped AS g USING (measure, sort, code, site_no, doctor_no, band)
    WHERE f.worth >= $least_worth
    GROUP BY ALL
),
told AS (
    SELECT s.person_no, s.site_no, s.doctor_no, s.side, v.settlement_no, max(s.worth) AS worth
    FROM strange AS s
    JOIN visits AS v USING (person_no, site_no, doctor_no)
    WHERE s.sort = 'diagnosis' AND v.diagnosis_code = s.code
       OR s.sort = 'item' AND EXISTS (
            SELECT 1 FROM lines AS l WHERE l.settlement_no = v.settlement_no AND l.item_code = s.code
        )
    GROUP BY ALL
),
homes AS (
    SELECT person_no, sex, birth_year, coalesce(household_no * 2, probable_household_no * 2 + 1) AS home_no FROM persons
),
with_relative AS (
    -- whether somebody of the holder's household is of the other sex, or younger or older by a generation
    SELECT t.person_no, t.side, bool_or(
            CASE t.side
                WHEN 'sex' THEN b.sex <> a.sex
                WHEN 'young' THEN b.birth_year >= a.birth_year + 15
                ELSE b.birth_year <= a.birth_year - 15
            END) AS has_relative
    FROM (SELECT DISTINCT person_no, side FROM told) AS t
    JOIN homes AS a USING (person_no)
    JOIN homes AS b ON b.home_no = a.home_no AND b.person_no <> a.person_no
    GROUP BY t.person_no, t.side
)
SELECT
    t.person_no, t.settlement_no, t.site_no, t.doctor_no, t.side, t.worth,
    -- persons with care that is bound to a sex or an age: of the doctor, of the institution, of the city
    c.n AS doctor_n, x.n AS site_n, i.n AS city_n,
    (SELECT count(*) + count(DISTINCT site_no) FROM (SELECT DISTINCT site_no, doctor_no FROM counted)) AS cells,
    coalesce(r.has_relative, FALSE) AS has_relative
FROM told AS t
JOIN counted AS c USING (side, site_no, doctor_no)
JOIN in_site AS x USING (side, site_no)
JOIN in_city AS i USING (side)
LEFT JOIN with_relative AS r ON r.person_no = t.person_no AND r.side = t.side
ORDER BY t.settlement_no, t.side

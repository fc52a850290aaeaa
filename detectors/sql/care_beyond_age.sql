-- Lasting care that hardly anybody as young as the holder has. Care is a diagnosis or a medicine of out-patient visits and
-- purchases; a person has it lastingly on $least_days days and more, the last $least_span days after the first; what few
-- have so is passing care. Asked about are adults who have all care of the kind at up to $most_places institutions, none at a
-- pharmacy (who is ill seeks it elsewhere too), and one and the same medicine on most days of it: what some sites write for
-- everybody is a diagnosis, and what they hand out then differs from day to day.
--   tail = share of the others who have such care lastingly and are at most $slack_years older than the holder
-- Ages are held against the city's, and against the city's were its people of the ages of the site's customers, whichever
-- makes the holder less odd; of all care of one person at a site the least odd counts.
WITH visits AS MATERIALIZED (
    SELECT
        s.settlement_no, s.person_no, s.site_no, coalesce(s.doctor_no, -1) AS doctor_no, s.day, s.diagnosis_code,
        s.kind = 'pharmacy' AS is_bought,
        CAST(least(greatest(extract(year FROM s.settled_at) - p.birth_year, 0), 99) AS INTEGER) AS age
    FROM settlements AS s
    JOIN persons AS p USING (person_no)
    WHERE s.is_event AND NOT s.is_manual AND s.kind IN ('outpatient', 'chronic', 'other', 'pharmacy')
      AND p.birth_year IS NOT NULL
),
kinds AS MATERIALIZED (
    -- numbers are grouped and joined sooner than texts
    SELECT row_number() OVER (ORDER BY sort, code) AS kind_no, sort, code
    FROM (
        SELECT DISTINCT 'diagnosis' AS sort, diagnosis_code AS code FROM visits WHERE diagnosis_code IS NOT NULL
        UNION ALL
        SELECT 'item', item_code FROM items WHERE is_drug
    )
),
had AS MATERIALIZED (
    SELECT k.kind_no, v.settlement_no, v.person_no
    FROM visits AS v JOIN kinds AS k ON k.sort = 'diagnosis' AND k.code = v.diagnosis_code
    UNION ALL
    SELECT k.kind_no, v.settlement_no, v.person_no
    FROM lines AS l
    JOIN kinds AS k ON k.sort = 'item' AND k.code = l.item_code
    JOIN visits AS v USING (settlement_no)
),
often AS MATERIALIZED (SELECT kind_no, person_no, count(*) AS n FROM had GROUP BY kind_no, person_no),
repeated AS MATERIALIZED (
    SELECT h.kind_no, h.person_no, v.settlement_no, v.site_no, v.doctor_no, v.day, v.age, v.is_bought
    FROM had AS h
    SEMI JOIN (SELECT kind_no, person_no FROM often WHERE n >= $least_days) AS o USING (kind_no, person_no)
    JOIN visits AS v USING (settlement_no)
),
taken AS MATERIALIZED (
    SELECT
        kind_no, person_no, min(age) AS age, count(DISTINCT site_no) AS places, bool_or(is_bought) AS is_bought
    FROM repeated
    GROUP BY kind_no, person_no
    HAVING count(DISTINCT day) >= $least_days AND max(day) - min(day) >= $least_span
),
lasting AS MATERIALIZED (
    SELECT kind_no
    FROM (SELECT kind_no, count(*) AS n FROM taken GROUP BY kind_no) AS t
    JOIN (SELECT kind_no, count(*) AS n FROM often GROUP BY kind_no) AS o USING (kind_no)
    -- where fewer have it, no share of them is small enough
    WHERE t.n >= greatest($least_lasting * o.n, 1 / $most_tail)
),
others AS MATERIALIZED (
    SELECT kind_no, age, count(*) AS n FROM taken SEMI JOIN lasting USING (kind_no) GROUP BY kind_no, age
),
here AS MATERIALIZED (
    SELECT
        r.kind_no, r.person_no, t.age, r.site_no, r.doctor_no, r.settlement_no, r.day,
        t.age >= $adult AND t.places <= $most_places AND NOT t.is_bought AS is_asked
    FROM repeated AS r
    JOIN taken AS t USING (kind_no, person_no)
    SEMI JOIN lasting AS l ON l.kind_no = r.kind_no
    WHERE NOT r.is_bought
),
own AS MATERIALIZED (SELECT kind_no, site_no, age, count(DISTINCT person_no) AS n FROM here GROUP BY kind_no, site_no, age),
customers AS MATERIALIZED (SELECT site_no, person_no, min(age) AS age FROM visits GROUP BY site_no, person_no),
-- how much likelier than elsewhere the site's customers are of an age: five years are one age, and few customers say little
of_city AS (SELECT age // 5 AS band, count(*) / sum(count(*)) OVER () AS share FROM customers GROUP BY band),
of_site AS MATERIALIZED (SELECT site_no, age // 5 AS band, count(*) AS n FROM customers GROUP BY site_no, band),
likelier AS MATERIALIZED (
    SELECT s.site_no, c.band, (coalesce(b.n, 0) + 20 * c.share) / ((s.n + 20) * c.share) AS ratio
    FROM (SELECT site_no, sum(n) AS n FROM of_site GROUP BY site_no) AS s
    CROSS JOIN of_city AS c
    LEFT JOIN of_site AS b ON b.site_no = s.site_no AND b.band = c.band
),
weighed AS (
    SELECT
        a.kind_no, a.site_no, a.age, o.age <= a.age + $slack_years AS is_as_young, o.n - coalesce(w.n, 0) AS n, r.ratio
    FROM (SELECT DISTINCT kind_no, site_no, age FROM here WHERE is_asked) AS a
    JOIN others AS o USING (kind_no)
    LEFT JOIN own AS w ON w.kind_no = o.kind_no AND w.site_no = a.site_no AND w.age = o.age
    JOIN likelier AS r ON r.site_no = a.site_no AND r.band = o.age // 5
),
tails AS MATERIALIZED (
    SELECT
        kind_no, site_no, age,
        greatest(
            (coalesce(sum(n) FILTER (WHERE is_as_young), 0) + 1) / (sum(n) + 1),
            (coalesce(sum(n * ratio) FILTER (WHERE is_as_young), 0) + 1) / (sum(n * ratio) + 1)
        ) AS tail
    FROM weighed
    GROUP BY kind_no, site_no, age
),
steady AS MATERIALIZED (
    SELECT d.person_no
    FROM (SELECT person_no, count(DISTINCT day) AS n FROM here WHERE is_asked GROUP BY person_no) AS d
    JOIN (
        SELECT person_no, kind_no, count(DISTINCT day) AS n
        FROM here SEMI JOIN (SELECT kind_no FROM kinds WHERE sort = 'item') AS k USING (kind_no)
        WHERE is_asked
        GROUP BY person_no, kind_no
    ) AS m USING (person_no)
    GROUP BY d.person_no
    HAVING max(m.n / d.n) >= $least_steady
),
under AS MATERIALIZED (
    SELECT h.person_no, h.site_no, h.doctor_no, min(h.age) AS age, t.tail
    FROM here AS h
    JOIN (
        SELECT h.person_no, h.site_no, max(t.tail) AS tail
        FROM here AS h JOIN tails AS t USING (kind_no, site_no, age)
        WHERE h.is_asked
        GROUP BY h.person_no, h.site_no
    ) AS t USING (person_no, site_no)
    SEMI JOIN steady AS s ON s.person_no = h.person_no
    WHERE h.is_asked
    GROUP BY h.person_no, h.site_no, h.doctor_no, t.tail
),
counted AS MATERIALIZED (SELECT site_no, doctor_no, count(*) AS n FROM under GROUP BY site_no, doctor_no),
odd AS MATERIALIZED (
    SELECT u.person_no, u.site_no, u.doctor_no, u.age, u.tail, h.kind_no, h.settlement_no
    FROM under AS u JOIN here AS h USING (person_no, site_no, doctor_no)
    WHERE u.tail <= $most_tail AND h.is_asked
),
-- whether the site's young customers have such care as readily as its old ones: then it is what the site does
limits AS MATERIALIZED (SELECT site_no, max(age) AS age FROM odd GROUP BY site_no),
with_it AS MATERIALIZED (
    SELECT DISTINCT v.site_no, h.person_no
    FROM had AS h
    JOIN visits AS v USING (settlement_no)
    SEMI JOIN odd AS o ON o.kind_no = h.kind_no AND o.site_no = v.site_no
),
practice AS (
    SELECT
        c.site_no,
        count(*) FILTER (WHERE c.age <= l.age) AS young_n,
        -- those in question do not excuse themselves
        count(w.person_no) FILTER (WHERE c.age <= l.age AND w.person_no NOT IN (SELECT person_no FROM odd)) AS young_with,
        count(*) FILTER (WHERE c.age > l.age) AS old_n,
        count(w.person_no) FILTER (WHERE c.age > l.age) AS old_with
    FROM customers AS c
    JOIN limits AS l USING (site_no)
    LEFT JOIN with_it AS w ON w.site_no = c.site_no AND w.person_no = c.person_no
    GROUP BY c.site_no
),
homes AS (
    SELECT person_no, birth_year, coalesce(household_no * 2, probable_household_no * 2 + 1) AS home_no FROM persons
),
with_relative AS (
    SELECT DISTINCT a.person_no
    FROM homes AS a
    SEMI JOIN odd AS o ON o.person_no = a.person_no
    JOIN homes AS b ON b.home_no = a.home_no AND b.birth_year <= a.birth_year - $generation
)
SELECT DISTINCT
    o.person_no, o.settlement_no, o.site_no, o.doctor_no, o.kind_no, 'young' AS side,
    -- adults with lasting care of one place and one medicine: of the doctor, of the institution, of the city
    c.n AS doctor_n, x.n AS site_n, (SELECT count(*) FROM under) AS city_n,
    (SELECT count(*) + count(DISTINCT site_no) FROM counted) AS cells,
    p.young_n, p.young_with, p.old_n, p.old_with, r.person_no IS NOT NULL AS has_relative
FROM odd AS o
JOIN counted AS c ON c.site_no = o.site_no AND c.doctor_no = o.doctor_no
JOIN (SELECT site_no, sum(n) AS n FROM counted GROUP BY site_no) AS x ON x.site_no = o.site_no
JOIN practice AS p ON p.site_no = o.site_no
LEFT JOIN with_relative AS r ON r.person_no = o.person_no
ORDER BY o.settlement_no, o.doctor_no, o.kind_no

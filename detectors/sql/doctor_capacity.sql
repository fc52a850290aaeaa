-- Days on which more persons came anew to one doctor than a day has room for, with the number that the doctors like them
-- see on a day: mean and variance over the other doctors of the same level and department, where there are ten of them,
-- else of the level, else of the city. Who comes back to the same doctor within a week is in a course of treatment or on
-- dialysis and is not counted; nor are stays (ward rounds) and days of which the register says that a check-up was held.
-- Days on which an institution delivers several days at once are held against as many days.
WITH visits AS (
    SELECT
        s.settlement_no, s.person_no, s.doctor_no, s.site_no, s.day,
        lag(s.day) OVER (PARTITION BY s.doctor_no, s.person_no ORDER BY s.day, s.settlement_no) AS last_day,
        lead(s.day) OVER (PARTITION BY s.doctor_no, s.person_no ORDER BY s.day, s.settlement_no) AS next_day
    FROM settlements AS s JOIN sites AS x USING (site_no)
    WHERE s.is_event AND NOT s.is_manual AND s.kind IN ('outpatient', 'chronic') AND s.doctor_no IS NOT NULL
      AND x.kind = 'institution'
),
check_ups AS (
    SELECT site_no, from_on, coalesce(until_on, from_on) AS until_on
    FROM benign_register WHERE kind = 'check_up' AND site_no IS NOT NULL AND from_on IS NOT NULL
),
anew AS (
    SELECT v.* FROM visits AS v
    WHERE (v.last_day IS NULL OR v.day - v.last_day > 7) AND (v.next_day IS NULL OR v.next_day - v.day > 7)
      AND NOT EXISTS (
          SELECT 1 FROM check_ups AS c
          WHERE c.site_no = v.site_no AND DATE '1970-01-01' + v.day BETWEEN c.from_on AND c.until_on
      )
),
open_days AS (
    SELECT site_no, day, day - lag(day) OVER (PARTITION BY site_no ORDER BY day) AS gap
    FROM (SELECT DISTINCT site_no, day FROM visits)
),
covered AS (
    -- since the institution last delivered anything, against what is usual in the city
    SELECT o.site_no, o.day, greatest(coalesce(o.gap / u.gap, 1), 1) AS covers
    FROM open_days AS o CROSS JOIN (SELECT quantile_disc(gap, 0.5) AS gap FROM open_days) AS u
),
days AS (
    SELECT a.doctor_no, a.day, count(*) AS n, max(o.covers) AS covers
    FROM anew AS a JOIN covered AS o USING (site_no, day)
    GROUP BY a.doctor_no, a.day
),
placed AS (
    SELECT doctor_no, arg_max(site_no, (n, -site_no)) AS home_no, count(*) AS places, sum(n) AS visits
    FROM (SELECT doctor_no, site_no, count(*) AS n FROM visits GROUP BY doctor_no, site_no)
    GROUP BY doctor_no
),
doctor AS (
    SELECT
        d.doctor_no, p.home_no, p.places, coalesce(x.level, '') AS level, coalesce(k.speciality, '') AS speciality,
        count(*) AS days, sum(d.n) AS total, sum(d.n * d.n) AS squares
    FROM days AS d
    JOIN placed AS p USING (doctor_no)
    JOIN sites AS x ON x.site_no = p.home_no
    LEFT JOIN doctors AS k USING (doctor_no)
    GROUP BY d.doctor_no, p.home_no, p.places, x.level, k.speciality
),
sums AS (
    SELECT
        *,
        count(*) OVER department AS department_doctors, sum(days) OVER department AS department_days,
        sum(total) OVER department AS department_total, sum(squares) OVER department AS department_squares,
        count(*) OVER of_level AS level_doctors, sum(days) OVER of_level AS level_days,
        sum(total) OVER of_level AS level_total, sum(squares) OVER of_level AS level_squares,
        count(*) OVER city AS city_doctors, sum(days) OVER city AS city_days, sum(total) OVER city AS city_total,
        sum(squares) OVER city AS city_squares
    FROM doctor
    WINDOW department AS (PARTITION BY level, speciality), of_level AS (PARTITION BY level), city AS ()
),
peers AS (
    SELECT
        doctor_no, home_no, places, city_doctors,
        CASE WHEN department_doctors > 10 THEN department_days WHEN level_doctors > 10 THEN level_days ELSE city_days END
        - days AS days,
        CASE WHEN department_doctors > 10 THEN department_total WHEN level_doctors > 10 THEN level_total ELSE city_total END
        - total AS total,
        CASE
            WHEN department_doctors > 10 THEN department_squares WHEN level_doctors > 10 THEN level_squares
            ELSE city_squares
        END - squares AS squares
    FROM sums
),
over AS (
    SELECT doctor_no, day, n, covers FROM days WHERE n > CAST($most_a_day AS INTEGER) * covers
),
registered AS (SELECT doctor_no, site_no FROM practices WHERE registered)
SELECT
    o.doctor_no, p.home_no AS site_no, o.day, o.n / o.covers AS n, p.total / p.days AS usual,
    greatest(p.squares / p.days - pow(p.total / p.days, 2), 0) AS variance, p.city_doctors AS doctors, p.places,
    -- a doctor whom no register knows, at an institution whose others it knows
    NOT EXISTS (SELECT 1 FROM registered AS r WHERE r.doctor_no = o.doctor_no)
    AND EXISTS (SELECT 1 FROM registered AS r WHERE r.site_no = p.home_no) AS is_unknown,
    t.total / t.days AS own_usual, a.settlement_no
FROM over AS o
JOIN peers AS p ON p.doctor_no = o.doctor_no
JOIN doctor AS t ON t.doctor_no = o.doctor_no
JOIN anew AS a ON a.doctor_no = o.doctor_no AND a.day = o.day
WHERE p.days > 0
ORDER BY a.settlement_no

-- Pairs of persons admitted to one institution within two days of each other and discharged within two days of each
-- other, on at least two occasions, against the institution's own daily admissions.
WITH shifts AS (SELECT unnest([-2, -1, 0, 1, 2]) AS step),
met AS (
    SELECT DISTINCT a.person_no AS a, b.person_no AS b, a.site_no, a.day
    FROM stream AS a
    CROSS JOIN shifts AS h
    JOIN stream AS b ON b.site_no = a.site_no AND b.day = a.day + h.step
    WHERE a.person_no < b.person_no AND abs(b.to_day - a.to_day) <= 2
),
episodes AS (SELECT a, b, count(*) AS n FROM met GROUP BY a, b HAVING count(*) >= 2),
site AS (
    SELECT site_no, count(*) AS n, greatest(max(day) - min(day) + 1, 30) AS span_days,
        avg(to_day - day) AS mean_stay
    FROM stream GROUP BY site_no
),
own AS (SELECT person_no, site_no, count(*) AS n FROM stream GROUP BY person_no, site_no),
expectation AS (
    -- two stays at random: the same five days of admission, and discharge within two days given a spread of stays
    SELECT e.a, e.b, any_value(e.n) AS n, sum(x.n * y.n * 5 / s.span_days * least(1, 5 / greatest(s.mean_stay, 1))) AS expected
    FROM episodes AS e
    JOIN own AS x ON x.person_no = e.a
    JOIN own AS y ON y.person_no = e.b AND y.site_no = x.site_no
    JOIN site AS s ON s.site_no = x.site_no
    GROUP BY e.a, e.b
)
SELECT t.a, t.b, t.n * ln(t.n / greatest(t.expected, 0.02)) - (t.n - greatest(t.expected, 0.02)) AS llr
FROM expectation AS t
JOIN persons AS p ON p.person_no = t.a
JOIN persons AS q ON q.person_no = t.b
WHERE t.n > t.expected
  AND NOT coalesce(p.household_no = q.household_no, FALSE)
  AND NOT coalesce(p.probable_household_no = q.probable_household_no, FALSE)
ORDER BY t.a, t.b

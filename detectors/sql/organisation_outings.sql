-- Days on which persons of one employer or school were settled at one site, four or more of them, and how many would be
-- by their organisation's own habit: the largest of
--   its settlements at that site on other days (a fortnight around this one left out), spread evenly over the period;
--   the same, spread as everybody else's settlements at the site are (a busy day is busy for all);
--   all of its settlements, spread by the site's share of the city (a site that it never used before).
-- A works clinic or a school's doctor is a habit and so expected.
WITH events AS MATERIALIZED (
    SELECT s.settlement_no, s.person_no, s.site_no, p.employer_no,
        -- a stay is seen when it begins
        CAST(date_diff('day', DATE '1970-01-01', CAST(s.begin_at AS DATE)) AS INTEGER) AS day
    FROM settlements AS s JOIN persons AS p USING (person_no)
    WHERE s.is_event AND NOT s.is_manual
),
site_day AS (SELECT site_no, day, count(*) AS n FROM events GROUP BY site_no, day),
site AS (SELECT site_no, sum(n) AS n FROM site_day GROUP BY site_no),
city AS (SELECT sum(n) AS n, max(day) - min(day) + 1 AS span_days FROM site_day),
own_day AS (
    SELECT employer_no, site_no, day, count(*) AS n, count(DISTINCT person_no) AS persons
    FROM events WHERE employer_no IS NOT NULL
    GROUP BY employer_no, site_no, day
),
own_site AS (SELECT employer_no, site_no, sum(n) AS n FROM own_day GROUP BY employer_no, site_no),
own AS (SELECT employer_no, sum(n) AS n FROM own_day GROUP BY employer_no),
cells AS (
    SELECT o.employer_no, o.site_no, o.day, o.n, o.persons,
        sum(b.n) AS near_n
    FROM own_day AS o
    JOIN own_day AS b ON b.employer_no = o.employer_no AND b.site_no = o.site_no AND abs(b.day - o.day) <= 14
    WHERE o.persons >= 4
    GROUP BY ALL
),
judged AS (
    SELECT
        c.employer_no, c.site_no, c.day, c.persons,
        greatest(
            (t.n - c.near_n) / greatest(y.span_days - 29, 1),
            (t.n - c.near_n + 1) * (d.n - c.n + 0.5) / greatest(s.n - t.n + 0.5 * y.span_days, 1),
            w.n * s.n / y.n / y.span_days,
            0.05
        ) AS expected
    FROM cells AS c
    JOIN own_site AS t USING (employer_no, site_no)
    JOIN own AS w USING (employer_no)
    JOIN site_day AS d USING (site_no, day)
    JOIN site AS s USING (site_no)
    CROSS JOIN city AS y
)
SELECT
    j.employer_no, j.site_no, j.day, j.persons, j.expected, e.person_no, e.settlement_no,
    -- days on which an organisation could have been at a site that it uses
    (SELECT count(*) FROM own_day) AS cells
FROM judged AS j
JOIN events AS e ON e.employer_no = j.employer_no AND e.site_no = j.site_no AND e.day = j.day
WHERE j.persons > 3 * j.expected
ORDER BY j.employer_no, e.settlement_no

-- Days on which persons of one employer, school, village or estate were settled at one site, four or more of them, and
-- how many would be by their organisation's own habit: the largest of
--   its settlements at that site on other days (a fortnight around this one left out), spread evenly over the period;
--   the same, spread as everybody else's settlements at the site are (a busy day is busy for all);
--   all of its settlements, spread by the site's share of the city (a site that it never used before).
-- A works clinic or a school's doctor is a habit and so expected, and so is a market to which half as many come on one
-- day in twelve.
WITH belongs AS (
    SELECT person_no, 'employer' AS organisation, employer_no AS organisation_no FROM persons WHERE employer_no IS NOT NULL
    UNION ALL
    SELECT person_no, 'locality', locality_no FROM persons WHERE locality_no IS NOT NULL
),
events AS MATERIALIZED (
    SELECT s.settlement_no, s.person_no, s.site_no,
        -- a stay is seen when it begins
        CAST(date_diff('day', DATE '1970-01-01', CAST(s.begin_at AS DATE)) AS INTEGER) AS day
    FROM settlements AS s
    WHERE s.is_event AND NOT s.is_manual
),
site_day AS (SELECT site_no, day, count(*) AS n FROM events GROUP BY site_no, day),
site AS (SELECT site_no, sum(n) AS n FROM site_day GROUP BY site_no),
city AS (SELECT sum(n) AS n, max(day) - min(day) + 1 AS span_days FROM site_day),
own_day AS MATERIALIZED (
    SELECT b.organisation, b.organisation_no, e.site_no, e.day, count(*) AS n, count(DISTINCT e.person_no) AS persons
    FROM events AS e JOIN belongs AS b USING (person_no)
    GROUP BY ALL
),
own_site AS (
    SELECT organisation, organisation_no, site_no, sum(n) AS n
    FROM own_day GROUP BY organisation, organisation_no, site_no
),
own AS (SELECT organisation, organisation_no, sum(n) AS n FROM own_day GROUP BY organisation, organisation_no),
around AS (
    SELECT organisation, organisation_no, site_no, day, n, persons,
        sum(n) OVER (
            PARTITION BY organisation, organisation_no, site_no
            ORDER BY day RANGE BETWEEN 14 PRECEDING AND 14 FOLLOWING
        ) AS near_n
    FROM own_day
),
judged AS (
    SELECT
        c.organisation, c.organisation_no, c.site_no, c.day, c.persons, y.span_days,
        greatest(
            (t.n - c.near_n) / greatest(y.span_days - 29, 1),
            (t.n - c.near_n + 1) * (d.n - c.n + 0.5) / greatest(s.n - t.n + 0.5 * y.span_days, 1),
            w.n * s.n / y.n / y.span_days,
            0.05
        ) AS expected
    FROM around AS c
    JOIN own_site AS t USING (organisation, organisation_no, site_no)
    JOIN own AS w USING (organisation, organisation_no)
    JOIN site_day AS d USING (site_no, day)
    JOIN site AS s USING (site_no)
    CROSS JOIN city AS y
    WHERE c.persons >= 4
),
beyond AS (SELECT * FROM judged WHERE persons > 3 * expected),
unusual AS (
    SELECT b.organisation, b.organisation_no, b.site_no, b.day, b.persons, b.expected
    FROM beyond AS b
    LEFT JOIN own_day AS o
        ON o.organisation = b.organisation AND o.organisation_no = b.organisation_no AND o.site_no = b.site_no
        AND abs(o.day - b.day) > 14 AND 2 * o.persons >= b.persons
    GROUP BY ALL
    HAVING 12 * count(o.day) <= any_value(b.span_days)
)
SELECT
    j.organisation, j.organisation_no, j.site_no, j.day, j.persons, j.expected, e.person_no, e.settlement_no,
    -- days on which an organisation could have been at a site that it uses
    (SELECT count(*) FROM own_day) AS cells
FROM unusual AS j
JOIN events AS e ON e.site_no = j.site_no AND e.day = j.day
JOIN belongs AS b
    ON b.person_no = e.person_no AND b.organisation = j.organisation AND b.organisation_no = j.organisation_no
ORDER BY j.organisation, j.organisation_no, e.settlement_no

-- Visits to sites at which a terminal of a suspended site signed in: at home at another site, there on $least_days days or
-- more of the suspension and seldom before or after, and back at home afterwards. One row a person, day and operator, with
-- whether it lies in the terminal's time there and whether the person had been the suspended site's customer before.
WITH signed AS (
    SELECT DISTINCT terminal_no, site_no, date_diff('day', DATE '1970-01-01', CAST(from_at AS DATE)) AS day
    FROM sign_ins WHERE terminal_no IS NOT NULL
),
home AS (
    SELECT terminal_no, arg_max(site_no, (days, -site_no)) AS site_no
    FROM (SELECT terminal_no, site_no, count(*) AS days FROM signed GROUP BY ALL)
    GROUP BY terminal_no
),
-- whoever closed for good may sell the computer: only what opened again is a suspension
pauses AS (
    SELECT
        site_no, date_diff('day', DATE '1970-01-01', CAST(from_at AS DATE)) AS first_day,
        date_diff('day', DATE '1970-01-01', CAST(until_at AS DATE)) AS last_day
    FROM site_pauses WHERE until_at IS NOT NULL
),
guests AS (
    SELECT
        s.site_no, s.terminal_no, h.site_no AS home_no, p.first_day, p.last_day,
        count(*) FILTER (s.day BETWEEN p.first_day AND p.last_day) AS days
    FROM signed AS s
    JOIN home AS h ON h.terminal_no = s.terminal_no AND h.site_no <> s.site_no
    JOIN pauses AS p ON p.site_no = h.site_no
    GROUP BY ALL
    HAVING count(*) FILTER (s.day BETWEEN p.first_day AND p.last_day) >= $least_days
       AND count(*) FILTER (s.day BETWEEN p.first_day AND p.last_day) >= 0.8 * count(*)
),
returned AS (
    SELECT g.* FROM guests AS g
    WHERE EXISTS (
        SELECT 1 FROM signed AS s WHERE s.terminal_no = g.terminal_no AND s.site_no = g.home_no AND s.day > g.last_day
    )
),
-- several terminals of one house are one
hosts AS (
    SELECT site_no, home_no, min(terminal_no) AS terminal_no, first_day, last_day, max(days) AS days
    FROM returned GROUP BY site_no, home_no, first_day, last_day
)
SELECT
    h.site_no, h.home_no, h.terminal_no, h.days, x.kind AS home_kind, s.person_no,
    unit_of(p.household_no, p.probable_household_no, s.person_no) AS unit_no,
    s.day, coalesce(s.handler_no, -1) AS desk_no, s.day BETWEEN h.first_day AND h.last_day AS is_meanwhile, s.settlement_no,
    EXISTS (
        SELECT 1 FROM settlements AS b
        WHERE b.person_no = s.person_no AND b.site_no = h.home_no AND b.day < h.first_day AND b.is_event
    ) AS is_former
FROM hosts AS h
JOIN settlements AS s ON s.site_no = h.site_no
JOIN sites AS x ON x.site_no = h.home_no
JOIN persons AS p ON p.person_no = s.person_no
WHERE s.is_event AND NOT s.is_manual AND s.kind NOT IN ('inpatient', 'maternity')
ORDER BY h.site_no, h.home_no, h.first_day, s.settlement_no

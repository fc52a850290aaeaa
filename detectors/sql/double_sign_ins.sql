-- Settlements made while the operator who made them was signed in at two terminals at once, and each terminal's custom.
-- A sign-in that was never signed out is a desk left behind, whichever of the two it is, and says nothing.
WITH used AS (
    SELECT t.settlement_no, t.terminal_no, s.site_no, s.person_no, s.day, s.handler_no, s.settled_at
    FROM settlement_terminals AS t JOIN settlements AS s USING (settlement_no)
    WHERE s.is_event
),
closed AS (
    SELECT handler_no, terminal_no, from_at, until_at
    FROM sign_ins WHERE handler_no IS NOT NULL AND terminal_no IS NOT NULL AND until_at IS NOT NULL
),
doubled AS (
    SELECT u.settlement_no
    FROM used AS u
    JOIN closed AS o
        ON o.handler_no = u.handler_no AND o.from_at <= u.settled_at AND o.until_at >= u.settled_at
    GROUP BY u.settlement_no
    HAVING bool_or(o.terminal_no = u.terminal_no) AND bool_or(o.terminal_no <> u.terminal_no AND o.until_at > u.settled_at)
),
site AS (
    SELECT u.site_no, count(*) AS n, count(DISTINCT u.person_no) AS customers, count(d.settlement_no) AS doubled
    FROM used AS u LEFT JOIN doubled AS d USING (settlement_no)
    GROUP BY u.site_no
),
here AS (SELECT site_no, person_no, count(*) AS n FROM used GROUP BY site_no, person_no),
city AS (SELECT sum(n) AS n, sum(doubled) AS doubled FROM site)
SELECT
    u.settlement_no, u.site_no, u.terminal_no, u.person_no, u.day,
    -- the rate at the other sites
    (c.doubled - s.doubled + 1) / (c.n - s.n + 1) AS rate, s.n AS site_n, s.doubled AS site_doubled, s.customers, h.n AS visits_here,
    -- what the visit's oddness speaks for the person's being in a group (as in attendance_graded); ordinary visits against
    2 / 3 * -ln(coalesce(v.odd_p, 0.7)) - ln(3) AS oddness
FROM used AS u
JOIN doubled AS d USING (settlement_no)
JOIN site AS s ON s.site_no = u.site_no
LEFT JOIN odd_visits AS v ON v.settlement_no = u.settlement_no
JOIN here AS h ON h.site_no = u.site_no AND h.person_no = u.person_no
CROSS JOIN city AS c
ORDER BY u.settlement_no

-- Uses of one thing by the persons for whom one doctor at one site ordered it, wherever they had it, where each keeps a step of
-- the own: at least $least_fit of the steps within a person are as long as the one before, a day more or less. `usual` is the
-- middle step, two days to fifteen.
WITH patients AS (
    SELECT item_code, site_no, doctor_no, person_no, count(*) AS n FROM ordered_care GROUP BY item_code, site_no, doctor_no, person_no
),
cells AS (
    SELECT item_code, site_no, doctor_no
    FROM patients
    GROUP BY item_code, site_no, doctor_no
    HAVING count(*) >= $least_persons AND sum(n) >= greatest($least_uses, 2 * count(*))
),
-- how long (days) those go on with it who have it three times or more, wherever
spans AS (
    SELECT item_code, median(span) AS span, count(*) AS users
    FROM (SELECT item_code, person_no, max(day) - min(day) AS span FROM ordered_care GROUP BY item_code, person_no HAVING count(DISTINCT day) >= 3)
    GROUP BY item_code
),
-- who had it of several doctors on one day had it once
uses AS (
    SELECT c.item_code, c.site_no, c.doctor_no, p.person_no, u.day, min(u.settlement_no) AS settlement_no
    FROM cells AS c
    JOIN patients AS p USING (item_code, site_no, doctor_no)
    JOIN ordered_care AS u ON u.item_code = p.item_code AND u.person_no = p.person_no
    GROUP BY c.item_code, c.site_no, c.doctor_no, p.person_no, u.day
),
steps AS (
    SELECT
        item_code, site_no, doctor_no, person_no, day,
        day - lag(day) OVER (PARTITION BY item_code, site_no, doctor_no, person_no ORDER BY day) AS step
    FROM uses
),
-- a step and the one before it: a course keeps its own, whatever others keep
pairs AS (
    SELECT
        item_code, site_no, doctor_no, step,
        lag(step) OVER (PARTITION BY item_code, site_no, doctor_no, person_no ORDER BY day) AS before
    FROM steps
),
kept AS (
    SELECT item_code, site_no, doctor_no, median(step) AS usual
    FROM pairs
    WHERE step <= 38
    GROUP BY item_code, site_no, doctor_no
    HAVING median(step) BETWEEN 2 AND 15
        AND avg(CASE WHEN abs(step - before) <= 1 THEN 1.0 ELSE 0.0 END)
            FILTER (before IS NOT NULL AND greatest(step, before) <= 38) >= $least_fit
)
SELECT
    u.item_code, u.site_no, u.doctor_no, u.person_no, u.day, u.settlement_no, k.usual, coalesce(p.span, 0) AS span,
    coalesce(p.users, 0) AS users, (SELECT count(*) FROM cells) AS cells
FROM uses AS u
JOIN kept AS k USING (item_code, site_no, doctor_no)
LEFT JOIN spans AS p USING (item_code)
ORDER BY u.item_code, u.site_no, u.doctor_no, u.settlement_no

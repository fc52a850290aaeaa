-- Uses of one thing ordered by one doctor at one site for several persons, where all the uses together keep a step of their
-- own: nearly every use on a day of its own, most steps within a fifth (or a day) of the usual one. What is taken regularly
-- by nobody else in the city has no other course to be compared with.
WITH cells AS (
    SELECT item_code, site_no, doctor_no
    FROM ordered_care
    GROUP BY item_code, site_no, doctor_no
    HAVING count(DISTINCT person_no) >= $least_persons
        AND count(*) >= greatest($least_uses, 3 * count(DISTINCT person_no))
        AND count(DISTINCT day) >= 0.9 * count(*)
),
days AS (SELECT DISTINCT item_code, site_no, doctor_no, day FROM ordered_care SEMI JOIN cells USING (item_code, site_no, doctor_no)),
steps AS (
    SELECT item_code, site_no, doctor_no, day - lag(day) OVER (PARTITION BY item_code, site_no, doctor_no ORDER BY day) AS step
    FROM days
),
middle AS (
    SELECT item_code, site_no, doctor_no, median(step) AS usual
    FROM steps
    GROUP BY item_code, site_no, doctor_no
    HAVING median(step) BETWEEN 2 AND 15
),
kept AS (
    SELECT m.item_code, m.site_no, m.doctor_no, m.usual
    FROM middle AS m JOIN steps AS s USING (item_code, site_no, doctor_no)
    WHERE s.step IS NOT NULL
    GROUP BY m.item_code, m.site_no, m.doctor_no, m.usual
    HAVING avg(CASE WHEN abs(s.step - m.usual) <= greatest(1, 0.2 * m.usual) THEN 1.0 ELSE 0.0 END) >= $least_fit
)
SELECT
    u.item_code, u.site_no, u.doctor_no, u.person_no, u.day, u.settlement_no, k.usual, (SELECT count(*) FROM cells) AS cells
FROM ordered_care AS u JOIN kept AS k USING (item_code, site_no, doctor_no)
ORDER BY u.item_code, u.site_no, u.doctor_no, u.settlement_no

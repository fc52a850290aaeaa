-- Uses of one thing ordered by one doctor at one site for several persons, where all the uses together keep a step of their
-- own: nearly every use on a day of its own, most steps within a fifth (or a day) of the usual one. What is taken regularly
-- by nobody else in the city has no other course to be compared with.
WITH used AS (
    SELECT l.item_code, s.site_no, d.doctor_no, s.person_no, s.day, min(s.settlement_no) AS settlement_no
    FROM lines AS l
    JOIN settlements AS s USING (settlement_no)
    JOIN settlement_doctors AS d USING (settlement_no)
    WHERE s.is_event AND NOT s.is_manual AND s.kind IN ('outpatient', 'chronic', 'other')
    GROUP BY l.item_code, s.site_no, d.doctor_no, s.person_no, s.day
),
cells AS (
    SELECT item_code, site_no, doctor_no
    FROM used
    GROUP BY item_code, site_no, doctor_no
    HAVING count(DISTINCT person_no) >= $least_persons
        AND count(*) >= greatest($least_uses, 3 * count(DISTINCT person_no))
        AND count(DISTINCT day) >= 0.9 * count(*)
),
days AS (SELECT DISTINCT item_code, site_no, doctor_no, day FROM used SEMI JOIN cells USING (item_code, site_no, doctor_no)),
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
FROM used AS u JOIN kept AS k USING (item_code, site_no, doctor_no)
ORDER BY u.item_code, u.site_no, u.doctor_no, u.settlement_no

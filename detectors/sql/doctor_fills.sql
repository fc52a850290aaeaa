-- Purchases within a day of a visit to a doctor that are odd for the person, of patients who have several, and how many
-- such patients the other doctors' rate would give.
WITH followed AS (
    SELECT f.*, coalesce(o.odd_p <= $most_odd_p, FALSE) AS is_odd
    FROM fills AS f LEFT JOIN odd_visits AS o ON o.settlement_no = f.purchase_no
),
again AS (
    SELECT doctor_no, person_no FROM followed WHERE is_odd GROUP BY doctor_no, person_no HAVING count(*) >= 2
),
doctor AS (SELECT doctor_no, count(*) AS fills FROM followed GROUP BY doctor_no),
doctor_again AS (SELECT doctor_no, count(*) AS persons FROM again GROUP BY doctor_no),
city AS (
    SELECT (SELECT sum(fills) FROM doctor) AS fills, (SELECT coalesce(sum(persons), 0) FROM doctor_again) AS persons,
        (SELECT count(*) FROM doctor) AS doctors
)
SELECT
    f.doctor_no, f.person_no, f.site_no, f.visit_no, f.purchase_no, a.persons, c.doctors,
    d.fills * (c.persons - a.persons + 1) / greatest(c.fills - d.fills, 1) AS expected
FROM followed AS f
JOIN again AS w ON w.doctor_no = f.doctor_no AND w.person_no = f.person_no
JOIN doctor AS d ON d.doctor_no = f.doctor_no
JOIN doctor_again AS a ON a.doctor_no = f.doctor_no
CROSS JOIN city AS c
WHERE f.is_odd
ORDER BY f.doctor_no, f.purchase_no

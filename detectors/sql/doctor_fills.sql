-- Purchases within a day of a visit to a doctor that are odd for the person, for doctors of whom several patients have
-- more than one (`again`), and how many such patients the other doctors' rate would give.
WITH followed AS (
    SELECT f.*, coalesce(o.odd_p <= $most_odd_p, FALSE) AS is_odd
    FROM fills AS f LEFT JOIN odd_visits AS o ON o.settlement_no = f.purchase_no
),
again AS (
    SELECT doctor_no, person_no FROM followed WHERE is_odd GROUP BY doctor_no, person_no HAVING count(*) >= 2
),
doctor AS (SELECT doctor_no, count(*) AS fills FROM followed GROUP BY doctor_no),
pharmacy AS (SELECT site_no, count(*) AS fills FROM followed GROUP BY site_no),
doctor_again AS (SELECT doctor_no, count(*) AS persons FROM again GROUP BY doctor_no),
city AS (
    SELECT (SELECT sum(fills) FROM doctor) AS fills, (SELECT coalesce(sum(persons), 0) FROM doctor_again) AS persons,
        (SELECT count(*) FROM doctor) AS doctors
)
SELECT
    f.doctor_no, f.person_no, f.site_no, f.visit_no, f.purchase_no, a.persons, c.doctors, p.fills / c.fills AS site_share,
    w.person_no IS NOT NULL AS again,
    d.fills * (c.persons - a.persons + 1) / greatest(c.fills - d.fills, 1) AS expected
FROM followed AS f
JOIN doctor AS d ON d.doctor_no = f.doctor_no
JOIN doctor_again AS a ON a.doctor_no = f.doctor_no
JOIN pharmacy AS p ON p.site_no = f.site_no
LEFT JOIN again AS w ON w.doctor_no = f.doctor_no AND w.person_no = f.person_no
CROSS JOIN city AS c
-- fewer persons are fewer households than are asked for
WHERE f.is_odd AND a.persons >= CAST($least_units AS INTEGER)
ORDER BY f.doctor_no, f.purchase_no

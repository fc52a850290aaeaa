-- Purchases within a day of a visit to a doctor, odd for the person or not, and the doctors' numbers of both. Of several
-- visits at one moment the one with the smallest number counts, as in filled_at.
WITH visits AS (
    SELECT
        person_no, settled_at, min(settlement_no) AS settlement_no, arg_min(doctor_no, settlement_no) AS doctor_no
    FROM settlements
    WHERE is_event AND kind IN ('outpatient', 'chronic') AND doctor_no IS NOT NULL
    GROUP BY person_no, settled_at
),
purchases AS (
    SELECT settlement_no, person_no, site_no, settled_at FROM settlements WHERE is_event AND kind = 'pharmacy'
),
fills AS (
    SELECT
        p.settlement_no AS purchase_no, v.settlement_no AS visit_no, p.person_no, p.site_no, v.doctor_no,
        coalesce(o.odd_p <= $most_odd_p, FALSE) AS is_odd
    FROM purchases AS p
    ASOF JOIN visits AS v ON v.person_no = p.person_no AND p.settled_at >= v.settled_at
    LEFT JOIN odd_visits AS o ON o.settlement_no = p.settlement_no
    WHERE date_diff('second', v.settled_at, p.settled_at) <= 86400
),
again AS (
    SELECT doctor_no, person_no FROM fills WHERE is_odd GROUP BY doctor_no, person_no HAVING count(*) >= 2
),
doctor AS (SELECT doctor_no, count(*) AS fills FROM fills GROUP BY doctor_no),
doctor_again AS (SELECT doctor_no, count(*) AS persons FROM again GROUP BY doctor_no),
city AS (
    SELECT (SELECT sum(fills) FROM doctor) AS fills, (SELECT coalesce(sum(persons), 0) FROM doctor_again) AS persons,
        (SELECT count(*) FROM doctor) AS doctors
)
SELECT
    f.doctor_no, f.person_no, f.site_no, f.visit_no, f.purchase_no, a.persons, c.doctors,
    d.fills * (c.persons - a.persons + 1) / greatest(c.fills - d.fills, 1) AS expected
FROM fills AS f
JOIN again AS w ON w.doctor_no = f.doctor_no AND w.person_no = f.person_no
JOIN doctor AS d ON d.doctor_no = f.doctor_no
JOIN doctor_again AS a ON a.doctor_no = f.doctor_no
CROSS JOIN city AS c
WHERE f.is_odd
ORDER BY f.doctor_no, f.purchase_no

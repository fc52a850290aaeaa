-- Purchases at a pharmacy within a day of a visit to a doctor, each with the last such visit before it. Of several visits
-- at one moment, the one with the smallest number.
WITH visits AS (
    SELECT
        person_no, settled_at, min(settlement_no) AS settlement_no, arg_min(site_no, settlement_no) AS site_no,
        arg_min(doctor_no, settlement_no) AS doctor_no
    FROM settlements
    WHERE is_event AND kind IN ('outpatient', 'chronic') AND doctor_no IS NOT NULL
    GROUP BY person_no, settled_at
),
purchases AS (
    SELECT settlement_no, person_no, site_no, settled_at FROM settlements WHERE is_event AND kind = 'pharmacy'
)
SELECT
    p.settlement_no AS purchase_no, v.settlement_no AS visit_no, p.person_no, v.doctor_no, v.site_no AS institution_no,
    p.site_no, date_diff('second', v.settled_at, p.settled_at) AS gap_seconds
FROM purchases AS p
ASOF JOIN visits AS v ON v.person_no = p.person_no AND p.settled_at >= v.settled_at
WHERE date_diff('second', v.settled_at, p.settled_at) <= 86400

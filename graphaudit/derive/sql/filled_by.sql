-- Visit and purchase within a day, only on doctor–pharmacy pairs that stand out (at least 8 patients, llr ≥ 8 nats,
-- about one false pair in two thousand tested), so that the graph stays sparse.
WITH tested AS (
    SELECT doctor_no, site_no FROM filled_at WHERE persons >= 8 AND llr >= 8
),
visits AS (
    -- of several at one moment, the one with the smallest number, as in filled_at
    SELECT person_no, settled_at, min(settlement_no) AS settlement_no, arg_min(doctor_no, settlement_no) AS doctor_no
    FROM settlements
    WHERE is_event AND kind IN ('outpatient', 'chronic') AND doctor_no IS NOT NULL
    GROUP BY person_no, settled_at
),
purchases AS (
    SELECT settlement_no, person_no, site_no, settled_at
    FROM settlements
    WHERE is_event AND kind = 'pharmacy' AND site_no IN (SELECT site_no FROM tested)
),
pairs AS (
    SELECT
        v.settlement_no AS visit_no, p.settlement_no AS purchase_no, v.doctor_no, p.site_no, p.person_no,
        date_diff('second', v.settled_at, p.settled_at) AS gap_seconds
    FROM purchases AS p
    ASOF JOIN visits AS v ON v.person_no = p.person_no AND p.settled_at >= v.settled_at
    WHERE date_diff('second', v.settled_at, p.settled_at) <= 86400
)
SELECT pairs.*
FROM pairs JOIN tested USING (doctor_no, site_no)

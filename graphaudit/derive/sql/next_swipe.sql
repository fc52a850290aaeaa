-- The next settlement at the same site, if it is another person's and at most ten minutes (600 s) later.
WITH in_order AS (
    SELECT
        settlement_no AS from_no, person_no, site_no, settled_at,
        lead(settlement_no) OVER w AS to_no,
        lead(person_no) OVER w AS next_person_no,
        lead(settled_at) OVER w AS next_at
    FROM settlements
    WHERE is_event AND has_clock AND NOT is_manual
    WINDOW w AS (PARTITION BY site_no ORDER BY settled_at, settlement_no)
)
SELECT from_no, to_no, site_no, date_diff('second', settled_at, next_at) AS gap_seconds
FROM in_order
WHERE to_no IS NOT NULL AND next_person_no <> person_no AND date_diff('second', settled_at, next_at) <= 600

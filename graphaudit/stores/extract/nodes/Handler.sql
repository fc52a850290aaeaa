WITH touched AS (
    SELECT accepted_by AS handler_no, case_no FROM manual_cases WHERE accepted_by IS NOT NULL
    UNION
    SELECT handler_no, case_no FROM reviews WHERE handler_no IS NOT NULL
), load AS (
    SELECT handler_no, count(*) AS cases FROM touched GROUP BY handler_no
)
SELECT h.handler_id, h.kind, h.office, coalesce(load.cases, 0) AS cases
FROM handlers AS h
LEFT JOIN load ON load.handler_no = h.handler_no

-- Stream "admissions": every stay by its days of admission and discharge; one that lasts a night at least. A long stay is
-- settled now and then while it goes on: who is admitted where the stay before ended that day or the day before has not
-- left, and what counts is the first admission and the last discharge.
WITH stays AS (
    SELECT
        person_no, settlement_no, site_no,
        CAST(date_diff('day', DATE '1970-01-01', CAST(begin_at AS DATE)) AS INTEGER) AS day,
        CAST(date_diff('day', DATE '1970-01-01', CAST(end_at AS DATE)) AS INTEGER) AS to_day
    FROM settlements
    WHERE is_event AND kind = 'inpatient' AND CAST(end_at AS DATE) > CAST(begin_at AS DATE)
),
begun AS (
    SELECT *, coalesce(day > 1 + max(to_day) OVER (
        PARTITION BY person_no, site_no ORDER BY day, to_day, settlement_no
        ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
    ), TRUE) AS is_admission
    FROM stays
),
chains AS (
    SELECT *, sum(CAST(is_admission AS INTEGER)) OVER (
        PARTITION BY person_no, site_no ORDER BY day, to_day, settlement_no
    ) AS chain
    FROM begun
)
SELECT
    person_no, min(settlement_no) FILTER (WHERE is_admission) AS settlement_no, site_no,
    min(day) AS day, 86400 * CAST(min(day) AS BIGINT) AS at_s, 86400 AS window_s, max(to_day) AS to_day
FROM chains
GROUP BY person_no, site_no, chain

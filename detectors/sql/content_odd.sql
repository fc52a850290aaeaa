-- Odd visits are chosen for their fee and credential, so these are compared with the city's odd visits, not with the
-- members' ordinary ones: mean fee gap beyond the city's, and unusual credentials against the city's share.
WITH city AS (
    SELECT avg(fee_gap) AS fee_gap, avg(CASE WHEN unusual_credential THEN 1.0 ELSE 0.0 END) AS unusual FROM stream
),
member AS (
    SELECT i.group_no, i.person_no, avg(s.fee_gap) AS fee_gap, count(*) AS n,
        count(*) FILTER (WHERE s.unusual_credential) AS k
    FROM inside AS i JOIN every_event AS s USING (settlement_no)
    GROUP BY i.group_no, i.person_no
)
SELECT m.group_no, avg(m.fee_gap - c.fee_gap) AS mean, coalesce(stddev_samp(m.fee_gap), 0) AS sd, count(*) AS n,
    sum(m.k) AS k, sum(m.n) AS visits, any_value(c.unusual) AS base_share
FROM member AS m CROSS JOIN city AS c
GROUP BY m.group_no

-- Per member: mean log fee inside the sessions minus outside; members without other visits are compared with the
-- level of their kind of place.
WITH a AS (
    SELECT i.group_no, i.person_no, avg(f.excess) AS inside_mean, count(*) AS n
    FROM inside AS i JOIN fee_levels AS f USING (settlement_no) GROUP BY i.group_no, i.person_no
),
b AS (
    SELECT o.group_no, o.person_no, avg(f.excess) AS outside_mean, count(*) AS n
    FROM outside AS o JOIN fee_levels AS f USING (settlement_no) GROUP BY o.group_no, o.person_no
)
SELECT
    a.group_no,
    avg(a.inside_mean - coalesce(b.outside_mean * b.n / (b.n + 1), 0)) AS mean,
    coalesce(stddev_samp(a.inside_mean - coalesce(b.outside_mean * b.n / (b.n + 1), 0)), 0) AS sd,
    count(*) AS n
FROM a LEFT JOIN b ON b.group_no = a.group_no AND b.person_no = a.person_no
GROUP BY a.group_no

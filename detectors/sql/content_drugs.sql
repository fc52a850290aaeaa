-- Per member: share of the drugs bought inside the sessions that the member never bought elsewhere, against the share
-- of drugs bought elsewhere that occur in one visit only (what a new visit usually brings).
WITH bought AS (
    SELECT e.group_no, e.person_no, e.settlement_no, l.item_code,
        e.settlement_no IN (SELECT settlement_no FROM inside) AS is_inside
    FROM own_events AS e JOIN lines AS l USING (settlement_no)
    WHERE l.is_drug
    GROUP BY ALL
),
items AS (
    SELECT group_no, person_no, item_code,
        count(*) FILTER (WHERE is_inside) AS n_in, count(*) FILTER (WHERE NOT is_inside) AS n_out
    FROM bought GROUP BY group_no, person_no, item_code
),
members AS (
    SELECT group_no, person_no,
        sum(n_in) FILTER (WHERE n_out = 0) / sum(n_in) AS foreign_in,
        coalesce(sum(n_out) FILTER (WHERE n_out = 1 AND n_in = 0) / nullif(sum(n_out), 0), 0.5) AS foreign_out
    FROM items GROUP BY group_no, person_no
    HAVING sum(n_in) > 0
)
SELECT group_no, avg(coalesce(foreign_in, 0) - foreign_out) AS mean,
    coalesce(stddev_samp(coalesce(foreign_in, 0) - foreign_out), 0) AS sd, count(*) AS n,
    avg(coalesce(foreign_in, 0)) AS foreign_in
FROM members GROUP BY group_no

-- Of the stays in group_settlements (group_no, settlement_no), per group: their number, their houses, the share of the
-- pairs of stays that are at one house, and the same share of all stays of the city.
WITH stays AS (
    SELECT settlement_no, site_no FROM settlements WHERE is_event AND NOT is_manual AND kind = 'inpatient'
),
city AS (
    SELECT sum(n * n) / sum(n) ** 2 AS share FROM (SELECT count(*) AS n FROM stays GROUP BY site_no)
),
held AS (
    SELECT g.group_no, t.site_no, count(*) AS n
    FROM group_settlements AS g JOIN stays AS t USING (settlement_no)
    GROUP BY g.group_no, t.site_no
)
SELECT
    h.group_no, sum(h.n) AS stays, count(*) AS houses, sum(h.n * (h.n - 1)) / (sum(h.n) * (sum(h.n) - 1)) AS own,
    any_value(c.share) AS city
FROM held AS h CROSS JOIN city AS c
GROUP BY h.group_no
HAVING sum(h.n) >= 2
ORDER BY h.group_no

-- Per group and site: settlements inside the sessions entered by the most frequent operator, against that operator's
-- share of all the site's settlements.
WITH counted AS (
    SELECT i.group_no, i.site_no, s.handler_no, count(*) AS k
    FROM inside AS i JOIN settlements AS s USING (settlement_no)
    WHERE s.handler_no IS NOT NULL
    GROUP BY i.group_no, i.site_no, s.handler_no
),
totals AS (SELECT group_no, site_no, sum(k) AS n FROM counted GROUP BY group_no, site_no),
top AS (
    SELECT group_no, site_no, handler_no, k,
        row_number() OVER (PARTITION BY group_no, site_no ORDER BY k DESC, handler_no) AS place
    FROM counted
),
base AS (
    SELECT site_no, handler_no, count(*) AS n FROM settlements
    WHERE is_event AND handler_no IS NOT NULL AND site_no IN (SELECT site_no FROM inside)
    GROUP BY site_no, handler_no
),
base_total AS (SELECT site_no, sum(n) AS n, count(*) AS operators FROM base GROUP BY site_no)
SELECT
    t.group_no, t.site_no, t.handler_no, t.k, x.n,
    greatest(b.n - t.k, 0.5) / greatest(bt.n - x.n, 1) AS base_share, bt.operators AS choices
FROM top AS t
JOIN totals AS x ON x.group_no = t.group_no AND x.site_no = t.site_no
JOIN base AS b ON b.site_no = t.site_no AND b.handler_no = t.handler_no
JOIN base_total AS bt ON bt.site_no = t.site_no
WHERE t.place = 1

-- Per group: share of the things a member takes at a session that another member takes there too; how many pairs of
-- members took the same thing at one session, and how many would if they took it as alike as members do at different
-- sessions. Companions buy the same thing together, another one each time; gathered cards buy different things, or
-- things of one list whenever they are used.
WITH taken AS MATERIALIZED (
    SELECT DISTINCT i.group_no, i.site_no, i.session_in_site, i.person_no, l.item_code
    FROM inside AS i JOIN lines AS l USING (settlement_no)
),
takers AS (
    SELECT group_no, site_no, session_in_site, item_code, count(*) AS c
    FROM taken GROUP BY group_no, site_no, session_in_site, item_code
),
present AS (SELECT DISTINCT group_no, site_no, session_in_site, person_no FROM taken),
-- ordered pairs of two members: at one session, and at any two (their own pairs with themselves taken off)
met AS (
    SELECT group_no, sum(n * (n - 1)) AS pairs
    FROM (SELECT group_no, count(*) AS n FROM present GROUP BY group_no, site_no, session_in_site) GROUP BY group_no
),
any_met AS (
    SELECT group_no, sum(n) ** 2 - sum(n ** 2) AS pairs
    FROM (SELECT group_no, count(*) AS n FROM present GROUP BY group_no, person_no) GROUP BY group_no
),
alike AS (
    SELECT group_no, sum(c) FILTER (WHERE c > 1) AS joint, sum(c) AS n, sum(c * (c - 1)) AS pairs
    FROM takers GROUP BY group_no
),
any_alike AS (
    SELECT group_no, sum(every - own) AS pairs FROM (
        SELECT group_no, sum(n) ** 2 AS every, sum(n ** 2) AS own
        FROM (SELECT group_no, item_code, person_no, count(*) AS n FROM taken GROUP BY ALL)
        GROUP BY group_no, item_code
    )
    GROUP BY group_no
)
SELECT
    a.group_no, a.joint / a.n AS joint, a.n, a.pairs / 2 AS together,
    m.pairs * (x.pairs - a.pairs) / nullif(y.pairs - m.pairs, 0) / 2 AS expected
FROM alike AS a JOIN met AS m USING (group_no) JOIN any_alike AS x USING (group_no) JOIN any_met AS y USING (group_no)

-- Per group: share of the things a member takes at a session that another member takes there too. Companions buy the
-- same thing; gathered cards buy different things.
WITH taken AS (
    SELECT DISTINCT i.group_no, i.site_no, i.session_in_site, i.person_no, l.item_code
    FROM inside AS i JOIN lines AS l USING (settlement_no)
),
takers AS (
    SELECT group_no, site_no, session_in_site, item_code, count(*) AS c
    FROM taken GROUP BY group_no, site_no, session_in_site, item_code
)
SELECT group_no, sum(c) FILTER (WHERE c > 1) / sum(c) AS joint, sum(c) AS n
FROM takers GROUP BY group_no

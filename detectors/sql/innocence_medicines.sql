-- Per group: how often a medicine bought at the common sessions was bought there again by the same member, and how often
-- that would be if the members had exchanged their purchases. Who takes medicines of their own comes back for the same
-- ones, different from the others'; goods drawn from one list fall on any card. What else members bought there on those
-- days counts too: a detector that picks purchases for being foreign says nothing of the rest.
WITH met AS (SELECT DISTINCT group_no, site_no, day FROM inside),
-- the members' own settlements first: a site's day may hold thousands
own_settlements AS MATERIALIZED (
    SELECT g.group_no, s.person_no, s.day, s.site_no, s.settlement_no
    FROM group_members AS g JOIN settlements AS s USING (person_no)
    WHERE s.is_event
),
common AS MATERIALIZED (
    SELECT group_no, o.person_no, o.day, o.settlement_no FROM own_settlements AS o SEMI JOIN met AS m USING (group_no, site_no, day)
),
bought AS (
    SELECT DISTINCT c.group_no, c.person_no, c.day, l.item_code
    FROM common AS c JOIN lines AS l USING (settlement_no)
    WHERE l.is_drug
),
visits AS (SELECT group_no, person_no, count(DISTINCT day) AS n FROM bought GROUP BY group_no, person_no),
totals AS (SELECT group_no, sum(n) AS n FROM visits GROUP BY group_no),
items AS (SELECT group_no, item_code, count(*) AS n FROM bought GROUP BY group_no, item_code),
own AS (SELECT group_no, person_no, item_code, count(*) AS n FROM bought GROUP BY group_no, person_no, item_code),
seen AS (SELECT group_no, sum(n) AS n, coalesce(sum(n) FILTER (n > 1), 0) / sum(n) AS again FROM own GROUP BY group_no),
-- a purchase falls on a member by the number of visits; the member's other visits are any others of the group
exchanged AS (
    SELECT
        i.group_no,
        sum(i.n * v.n / t.n * (1 - pow(1 - (i.n - 1) / greatest(t.n - 1, 1), v.n - 1))) / sum(i.n * v.n / t.n) AS again
    FROM items AS i JOIN visits AS v USING (group_no) JOIN totals AS t USING (group_no)
    GROUP BY i.group_no
)
SELECT s.group_no, s.n, s.again, e.again AS expected
FROM seen AS s JOIN exchanged AS e USING (group_no)

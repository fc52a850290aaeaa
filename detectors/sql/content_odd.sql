-- Odd visits are chosen for their fee among other things, so it is compared with that of the odd visits of everybody
-- outside the group, not with the members' ordinary visits.
WITH city AS (SELECT sum(fee_gap) AS fee_gap, count(*) AS n FROM stream),
own AS (
    SELECT g.group_no, sum(s.fee_gap) AS fee_gap, count(*) AS n
    FROM group_members AS g JOIN stream AS s USING (person_no)
    GROUP BY g.group_no
),
usual AS (
    SELECT o.group_no, (c.fee_gap - o.fee_gap) / greatest(c.n - o.n, 1) AS fee_gap FROM own AS o CROSS JOIN city AS c
),
member AS (
    SELECT i.group_no, i.person_no, avg(s.fee_gap) AS fee_gap
    FROM inside AS i JOIN every_event AS s USING (settlement_no)
    GROUP BY i.group_no, i.person_no
)
SELECT m.group_no, avg(m.fee_gap - u.fee_gap) AS mean, coalesce(stddev_samp(m.fee_gap), 0) AS sd, count(*) AS n
FROM member AS m JOIN usual AS u USING (group_no)
GROUP BY m.group_no

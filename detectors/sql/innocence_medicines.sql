-- Per group: how often a medicine bought at the common sessions was bought by the same member at another time too,
-- wherever that was, and how often that would be if the members had exchanged their purchases. Who takes medicines of
-- their own comes back for the same ones, different from the others'; goods drawn from one list fall on any card. What
-- else members bought there on those days counts too: a detector that picks purchases for being foreign says nothing of
-- the rest.
WITH met AS (SELECT DISTINCT group_no, site_no, day FROM inside),
-- the members' own settlements first: a site's day may hold thousands
own_settlements AS MATERIALIZED (
    SELECT g.group_no, s.person_no, s.day, s.site_no, s.settlement_no
    FROM group_members AS g JOIN settlements AS s USING (person_no)
    WHERE s.is_event
),
taken AS MATERIALIZED (
    SELECT DISTINCT o.person_no, o.day, o.settlement_no, l.item_code
    FROM (SELECT DISTINCT person_no, day, settlement_no FROM own_settlements) AS o JOIN lines AS l USING (settlement_no)
    WHERE l.is_drug
),
bought AS MATERIALIZED (
    SELECT DISTINCT o.group_no, o.person_no, o.day, t.item_code
    FROM own_settlements AS o
    SEMI JOIN met AS m ON m.group_no = o.group_no AND m.site_no = o.site_no AND m.day = o.day
    JOIN taken AS t ON t.settlement_no = o.settlement_no
),
-- first and last day decide whether there is another one a week or more away
history AS MATERIALIZED (
    SELECT person_no, item_code, min(day) AS first_day, max(day) AS last_day FROM taken GROUP BY person_no, item_code
),
takers AS (
    SELECT g.group_no, h.item_code, count(*) AS n
    FROM group_members AS g JOIN history AS h USING (person_no)
    GROUP BY g.group_no, h.item_code
),
sizes AS (SELECT group_no, count(*) AS n FROM group_members GROUP BY group_no)
SELECT
    b.group_no, count(*) AS n,
    avg(CASE WHEN greatest(b.day - h.first_day, h.last_day - b.day) >= 7 THEN 1.0 ELSE 0.0 END) AS again,
    -- another member, who need have bought it but once to have bought it again after the exchange
    avg((t.n - 1) / greatest(z.n - 1, 1)) AS expected
FROM bought AS b
JOIN history AS h USING (person_no, item_code)
JOIN takers AS t USING (group_no, item_code)
JOIN sizes AS z USING (group_no)
GROUP BY b.group_no

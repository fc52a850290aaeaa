-- Per group and kind of credential: used inside the sessions, against the same members' other visits, shrunk to the
-- city's share by four pseudo-visits.
WITH city AS (
    SELECT c.kind, count(*) / sum(count(*)) OVER () AS share
    FROM settlements AS s JOIN cards AS c USING (card_no) WHERE s.is_event GROUP BY c.kind
),
a AS (
    SELECT i.group_no, c.kind, count(*) AS k
    FROM inside AS i JOIN settlements AS s USING (settlement_no) JOIN cards AS c USING (card_no) GROUP BY ALL
),
a_total AS (SELECT group_no, sum(k) AS n FROM a GROUP BY group_no),
b AS (
    SELECT o.group_no, c.kind, count(*) AS k
    FROM outside AS o JOIN settlements AS s USING (settlement_no) JOIN cards AS c USING (card_no) GROUP BY ALL
),
b_total AS (SELECT group_no, sum(k) AS n FROM b GROUP BY group_no)
SELECT
    a.group_no, a.kind, a.k, t.n,
    (coalesce(b.k, 0) + 4 * city.share) / (coalesce(bt.n, 0) + 4) AS base_share
FROM a
JOIN a_total AS t ON t.group_no = a.group_no
JOIN city ON city.kind = a.kind
LEFT JOIN b ON b.group_no = a.group_no AND b.kind = a.kind
LEFT JOIN b_total AS bt ON bt.group_no = a.group_no
WHERE a.kind <> 'e_credential'

-- Per finding of a pattern: what its settlements amount to in numbers of things, and how many persons of them it does not
-- name (a card may be another's as well).
SELECT
    p.group_no, count(DISTINCT s.settlement_no) AS settlements, count(DISTINCT s.day) AS days,
    max(s.day) - min(s.day) + 1 AS span_days, count(DISTINCT s.site_no) AS sites,
    count(DISTINCT s.person_no) FILTER (WHERE g.person_no IS NULL) AS other_persons
FROM group_settlements AS p
JOIN settlements AS s USING (settlement_no)
LEFT JOIN group_members AS g ON g.group_no = p.group_no AND g.person_no = s.person_no
GROUP BY p.group_no

-- Per finding of a pattern: what its settlements amount to in numbers of things.
SELECT
    p.group_no, count(DISTINCT s.settlement_no) AS settlements, count(DISTINCT s.day) AS days,
    max(s.day) - min(s.day) + 1 AS span_days, count(DISTINCT s.site_no) AS sites
FROM pattern_settlements AS p
JOIN settlements AS s USING (settlement_no)
GROUP BY p.group_no

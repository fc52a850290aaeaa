-- Per finding: evidence of the tested relationship between its members, in nats.
SELECT a.group_no, sum(t.llr) AS llr
FROM pattern_starts AS a
JOIN pattern_ends AS b USING (group_no)
JOIN clashes AS t ON t.person_no = a.no AND t.site_no = b.no
GROUP BY a.group_no

-- Per finding: evidence of the tested relationship between its members, in nats.
SELECT a.group_no, sum(t.llr) AS llr
FROM pattern_starts AS a
JOIN pattern_ends AS b USING (group_no)
JOIN serves AS t ON t.handler_no = a.no AND t.person_no = b.no
GROUP BY a.group_no

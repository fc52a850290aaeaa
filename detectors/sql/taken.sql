-- The given settlements of each group's members; each site and day is a session.
SELECT t.group_no, s.site_no, CAST(s.day AS BIGINT) AS session_in_site, s.person_no, g.unit_no, s.settlement_no, s.day, s.at_s
FROM (SELECT unnest($numbers::INTEGER[]) AS group_no, unnest($settlements::INTEGER[]) AS settlement_no) AS t
JOIN stream AS s ON s.settlement_no = t.settlement_no
JOIN group_members AS g ON g.group_no = t.group_no AND g.person_no = s.person_no

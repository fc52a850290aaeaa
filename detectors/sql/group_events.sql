-- The members' part of the stream.
SELECT g.group_no, g.person_no, g.unit_no, s.settlement_no, s.site_no, s.day, s.at_s, s.window_s
FROM group_members AS g JOIN stream AS s ON s.person_no = g.person_no

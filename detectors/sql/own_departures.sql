-- All events of the members that their common ones are compared with.
SELECT g.group_no, g.person_no, g.unit_no, s.settlement_no, s.site_no, s.day
FROM group_members AS g JOIN departures AS s ON s.person_no = g.person_no

-- All visits of the persons of some groups (one_desk_group: group_no, site_no, person_no) to the sites of their group; stays and
-- paper cases are none.
SELECT g.group_no, g.person_no, s.settlement_no
FROM one_desk_group AS g JOIN settlements AS s ON s.person_no = g.person_no AND s.site_no = g.site_no
WHERE s.is_event AND NOT s.is_manual AND s.kind NOT IN ('inpatient', 'maternity') AND s.has_clock
ORDER BY g.group_no, s.settlement_no

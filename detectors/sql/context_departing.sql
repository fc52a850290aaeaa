-- Settlements of the chosen contexts that depart in one of the dimensions that told.
SELECT g.group_no, d.person_no, d.settlement_no, d.day
FROM chosen_contexts AS g
JOIN context AS c ON c.key = g.key
JOIN departures AS d ON d.settlement_no = c.settlement_no
WHERE d.flags & g.told <> 0
ORDER BY g.group_no, d.person_no, d.settlement_no

-- What the members of each community settled at its sites.
SELECT DISTINCT m.group_no, s.person_no, s.settlement_no
FROM (SELECT unnest($groups::INTEGER[]) AS group_no, unnest($persons::INTEGER[]) AS person_no, unnest($sites::INTEGER[]) AS site_no) AS m
JOIN settlements AS s ON s.person_no = m.person_no AND s.site_no = m.site_no
WHERE s.is_event AND NOT s.is_manual
ORDER BY ALL

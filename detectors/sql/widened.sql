-- What the members of each group did at its sessions, odd or not.
WITH cells AS (
    SELECT group_no, site_no, session_in_site, min(day) AS day, max(day) AS last_day
    FROM inside
    GROUP BY group_no, site_no, session_in_site
)
SELECT c.group_no, c.site_no, c.session_in_site, s.person_no, g.unit_no, s.settlement_no, s.day, s.at_s
FROM cells AS c
JOIN group_members AS g ON g.group_no = c.group_no
JOIN every_event AS s ON s.person_no = g.person_no AND s.site_no = c.site_no AND s.day BETWEEN c.day AND c.last_day

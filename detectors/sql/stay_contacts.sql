-- Persons of several households whose stays name one contact phone: groups to start from, grown by attendance.
SELECT list(DISTINCT s.person_no ORDER BY s.person_no) AS persons
FROM settlements AS s JOIN persons AS p USING (person_no)
WHERE s.is_event AND s.kind = 'inpatient' AND s.phone_no IS NOT NULL
GROUP BY s.phone_no
HAVING count(DISTINCT s.person_no) BETWEEN 3 AND 60
   AND count(DISTINCT coalesce(p.household_no, -p.person_no - 1)) >= 3
ORDER BY persons

-- A contact counts on stays and manual cases, where somebody writes it down for the patient.
WITH given AS (
    SELECT settlement_no, min(phone_no) AS phone_no FROM manual_cases
    WHERE settlement_no IS NOT NULL AND phone_no IS NOT NULL
    GROUP BY settlement_no
)
SELECT p.person_id AS start_key, i.id AS end_key, 'Person' AS start_label
FROM persons AS p
JOIN identifiers AS i ON i.kind = 'phone' AND i.no = p.phone_no
UNION ALL
SELECT s.settlement_id AS start_key, i.id AS end_key, 'Settlement' AS start_label
FROM graph_settlements AS g
JOIN settlements AS s ON s.settlement_no = g.settlement_no
LEFT JOIN given ON given.settlement_no = s.settlement_no
JOIN identifiers AS i ON i.kind = 'phone' AND i.no = coalesce(s.phone_no, given.phone_no)
WHERE s.kind IN ('inpatient', 'maternity') OR s.is_manual

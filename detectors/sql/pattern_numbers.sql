-- Number of every id that a pattern query returned; `kind` tells institutions from pharmacies.
WITH known AS (
    SELECT 'person' AS stem, person_id AS id, person_no AS no, 'person' AS kind FROM persons
    UNION ALL SELECT 'card', card_id, card_no, 'card' FROM cards
    UNION ALL SELECT 'doctor', doctor_id, doctor_no, 'doctor' FROM doctors
    UNION ALL SELECT 'site', site_id, site_no, CASE WHEN kind = 'pharmacy' THEN 'pharmacy' ELSE 'institution' END FROM sites
    UNION ALL SELECT 'handler', handler_id, handler_no, 'handler' FROM handlers
    UNION ALL SELECT 'employer', employer_id, employer_no, 'employer' FROM employers
    UNION ALL SELECT kind, id, no, kind FROM identifiers
    UNION ALL SELECT 'settlement', settlement_id, settlement_no, 'settlement' FROM settlements
)
SELECT p.place, p.stem, p.role, p.id, k.kind, k.no
FROM pattern_ids AS p
JOIN known AS k
    ON k.id = p.id AND k.stem = CASE WHEN p.stem IN ('institution', 'pharmacy') THEN 'site' ELSE p.stem END
ORDER BY ALL

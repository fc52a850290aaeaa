-- Kinds of credentials that some persons ($persons) are settled with anywhere, and that anybody is at some sites ($sites):
-- visits by person or site; whichever of the two numbers does not apply is -1.
WITH visits AS (
    SELECT s.person_no, s.site_no, c.kind
    FROM settlements AS s JOIN cards AS c USING (card_no)
    WHERE s.is_event AND NOT s.is_manual AND s.kind NOT IN ('inpatient', 'maternity')
)
SELECT person_no, -1 AS site_no, kind, count(*) AS n
FROM visits WHERE person_no IN (SELECT unnest($persons::INTEGER[])) GROUP BY person_no, kind
UNION ALL
SELECT -1, site_no, kind, count(*)
FROM visits WHERE site_no IN (SELECT unnest($sites::INTEGER[])) GROUP BY site_no, kind
ORDER BY ALL

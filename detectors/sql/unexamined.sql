-- Special-disease registrations that an agency's handler granted, and whether any visit of the year before supports them.
-- Only those are judged before which the records reach back at least $least_days.
WITH span AS (SELECT CAST(min(begin_at) AS DATE) AS first_on FROM settlements),
granted AS (
    SELECT
        r.registration_id, r.person_no, r.handler_no, r.disease_code, h.office, CAST(r.handled_at AS DATE) AS on_date,
        CAST(coalesce(r.from_on, CAST(r.handled_at AS DATE)) AS DATE) AS from_on
    FROM registrations AS r JOIN handlers AS h USING (handler_no) CROSS JOIN span AS s
    WHERE r.kind = 'chronic_disease' AND r.handled_at IS NOT NULL AND h.office IS NOT NULL
      AND date_diff('day', s.first_on, CAST(r.handled_at AS DATE)) >= $least_days
),
-- an examination: a visit to a doctor or a stay; a purchase at a pharmacy examines nobody
seen AS (
    SELECT DISTINCT g.registration_id
    FROM granted AS g
    JOIN settlements AS s ON s.person_no = g.person_no
    WHERE s.kind <> 'pharmacy' AND CAST(s.begin_at AS DATE) BETWEEN g.on_date - 365 AND g.on_date
),
used AS (
    SELECT g.registration_id, list(DISTINCT s.settlement_no ORDER BY s.settlement_no) AS settlements
    FROM granted AS g JOIN settlements AS s ON s.person_no = g.person_no
    WHERE s.kind = 'chronic' AND CAST(s.begin_at AS DATE) >= g.from_on
    GROUP BY g.registration_id
)
SELECT
    g.registration_id, g.person_no, g.handler_no, coalesce(left(g.disease_code, 3), '') AS disease,
    x.registration_id IS NULL AS is_unseen, u.settlements
FROM granted AS g
LEFT JOIN seen AS x USING (registration_id)
LEFT JOIN used AS u USING (registration_id)
ORDER BY g.registration_id

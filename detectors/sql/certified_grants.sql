-- Special-disease registrations that an office's handlers granted since the records begin, with who certified the disease,
-- who brought the papers, whether a visit for the disease came before, and what was settled under the benefit afterwards.
-- The disease is told by what the person was treated for under the benefit: registers have code lists of their own.
WITH span AS (SELECT CAST(min(begin_at) AS DATE) AS first_on FROM settlements),
granted AS (
    SELECT
        r.registration_id, r.person_no, unit_of(p.household_no, p.probable_household_no, p.person_no) AS unit_no,
        r.handler_no, h.office, r.doctor_no, r.site_no, r.agent_no, coalesce(left(r.disease_code, 6), '') AS disease,
        CAST(r.handled_at AS DATE) AS on_date,
        CAST(coalesce(r.from_on, CAST(r.handled_at AS DATE)) AS DATE) AS from_on
    FROM registrations AS r
    JOIN handlers AS h ON h.handler_no = r.handler_no
    JOIN persons AS p ON p.person_no = r.person_no
    CROSS JOIN span AS s
    WHERE r.kind = 'chronic_disease' AND r.doctor_no IS NOT NULL AND h.office IS NOT NULL
      AND CAST(r.handled_at AS DATE) >= s.first_on
),
used AS (
    SELECT
        g.registration_id, list(DISTINCT s.settlement_no ORDER BY s.settlement_no) AS settlements,
        list_distinct(list(left(s.diagnosis_code, 3))) AS diagnoses
    FROM granted AS g JOIN settlements AS s ON s.person_no = g.person_no
    WHERE s.kind = 'chronic' AND CAST(s.begin_at AS DATE) >= g.from_on
    GROUP BY g.registration_id
),
seen AS (
    SELECT DISTINCT g.registration_id
    FROM granted AS g
    JOIN used AS u USING (registration_id)
    JOIN settlements AS s ON s.person_no = g.person_no
    WHERE s.kind <> 'pharmacy' AND CAST(s.begin_at AS DATE) < g.on_date
      AND list_contains(u.diagnoses, left(s.diagnosis_code, 3))
)
SELECT
    g.registration_id, g.person_no, g.unit_no, g.handler_no, g.office, g.doctor_no, g.site_no, g.agent_no, g.disease,
    x.registration_id IS NULL AS is_unseen, u.settlements
FROM granted AS g
LEFT JOIN used AS u USING (registration_id)
LEFT JOIN seen AS x USING (registration_id)
ORDER BY g.registration_id

-- Special-disease registrations that an office's handlers granted since the records begin, with who certified the disease,
-- who brought the papers, whether a visit for the disease came before, and what was settled for it afterwards.
-- Registers have code lists of their own. What a disease is in the diagnoses of the visits is learnt: what more of those
-- registered for it are treated for than of everybody, by a fifth at least and half as much as for the foremost. Where
-- fewer than ten persons are registered, it is what the person was treated for under the benefit.
WITH span AS (SELECT CAST(min(begin_at) AS DATE) AS first_on FROM settlements),
chronic AS (
    SELECT registration_id, person_no, coalesce(left(disease_code, 6), '') AS disease
    FROM registrations WHERE kind = 'chronic_disease'
),
granted AS (
    SELECT
        r.registration_id, r.person_no, unit_of(p.household_no, p.probable_household_no, p.person_no) AS unit_no,
        r.handler_no, h.office, r.doctor_no, r.site_no, r.agent_no, k.disease,
        CAST(r.handled_at AS DATE) AS on_date,
        CAST(coalesce(r.from_on, CAST(r.handled_at AS DATE)) AS DATE) AS from_on
    FROM registrations AS r
    JOIN chronic AS k USING (registration_id)
    JOIN handlers AS h ON h.handler_no = r.handler_no
    JOIN persons AS p ON p.person_no = r.person_no
    CROSS JOIN span AS s
    WHERE r.doctor_no IS NOT NULL AND h.office IS NOT NULL AND CAST(r.handled_at AS DATE) >= s.first_on
),
visited AS MATERIALIZED (
    SELECT
        s.person_no, s.settlement_no, s.kind, left(s.diagnosis_code, 3) AS category, CAST(s.begin_at AS DATE) AS on_date
    FROM settlements AS s SEMI JOIN chronic USING (person_no)
    WHERE s.diagnosis_code IS NOT NULL
),
everybody AS (
    SELECT left(diagnosis_code, 3) AS category, count(DISTINCT person_no) AS n
    FROM settlements WHERE diagnosis_code IS NOT NULL GROUP BY category
),
city AS (SELECT count(DISTINCT person_no) AS n FROM settlements),
registered AS (SELECT DISTINCT disease, person_no FROM chronic),
of_disease AS (SELECT disease, count(*) AS n FROM registered GROUP BY disease HAVING count(*) >= 10),
excess AS (
    SELECT r.disease, v.category, count(DISTINCT v.person_no) / any_value(d.n) - any_value(e.n) / any_value(c.n) AS share
    FROM registered AS r
    JOIN of_disease AS d USING (disease)
    JOIN visited AS v USING (person_no)
    JOIN everybody AS e USING (category)
    CROSS JOIN city AS c
    GROUP BY r.disease, v.category
),
told_by AS (
    SELECT disease, category FROM excess
    QUALIFY share >= 0.2 AND 2 * share >= max(share) OVER (PARTITION BY disease)
),
meant AS (
    SELECT g.registration_id, t.category
    FROM granted AS g JOIN told_by AS t USING (disease)
    UNION
    SELECT g.registration_id, v.category
    FROM granted AS g JOIN visited AS v USING (person_no)
    WHERE v.kind = 'chronic' AND v.on_date >= g.from_on AND g.disease NOT IN (SELECT disease FROM told_by)
),
used AS (
    SELECT g.registration_id, list(DISTINCT v.settlement_no ORDER BY v.settlement_no) AS settlements
    FROM granted AS g
    JOIN meant AS m USING (registration_id)
    JOIN visited AS v ON v.person_no = g.person_no AND v.category = m.category
    WHERE v.kind <> 'inpatient' AND v.on_date >= g.from_on
    GROUP BY g.registration_id
),
seen AS (
    SELECT DISTINCT g.registration_id
    FROM granted AS g
    JOIN meant AS m USING (registration_id)
    JOIN visited AS v ON v.person_no = g.person_no AND v.category = m.category
    WHERE v.kind <> 'pharmacy' AND v.on_date < g.on_date
)
SELECT
    g.registration_id, g.person_no, g.unit_no, g.handler_no, g.office, g.doctor_no, g.site_no, g.agent_no, g.disease,
    x.registration_id IS NULL AS is_unseen, u.settlements
FROM granted AS g
LEFT JOIN used AS u USING (registration_id)
LEFT JOIN seen AS x USING (registration_id)
ORDER BY g.registration_id

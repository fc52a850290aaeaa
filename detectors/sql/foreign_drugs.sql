-- Purchases of lasting medicines for diseases that the buyer's own history does not show.
-- Lasting are medicines that patients take regularly (medicines_regular), and rare ones (at most one person in 500) of which a purchase usually lasts two weeks or longer. Diseases are learnt: the diagnoses (their first
-- three characters) and registered codes (marked R) of at least a twentieth of a medicine's buyers that are more usual
-- among them than among all who buy lasting medicines: patients of everything else have high blood pressure too, and one
-- visit's diagnosis stands over all that is prescribed there. A person's own diseases are those of a registration,
-- of a stay, of diagnoses on $least_own_days days or more, and those of medicines that the person takes as patients do: at
-- least a third of the refills that were due since the first. What was first bought less than one and a half refills ago
-- may be the beginning of an illness and is left out.
WITH everybody AS (SELECT count(DISTINCT person_no) AS persons FROM settlements),
rare AS (
    SELECT item_code FROM medicines_by_person CROSS JOIN everybody AS e
    ANTI JOIN medicines_regular USING (item_code)
    GROUP BY item_code HAVING 500 * count(*) <= any_value(e.persons)
),
lasting AS (
    SELECT item_code, step FROM medicines_regular
    UNION ALL
    SELECT item_code, median(supply) AS step FROM medicines_used SEMI JOIN rare USING (item_code)
    GROUP BY item_code HAVING step >= 14
),
registered AS (
    SELECT DISTINCT person_no, 'R' || left(upper(disease_code), 3) AS disease FROM registrations
    WHERE kind = 'chronic_disease' AND disease_code IS NOT NULL
),
buyers AS (SELECT item_code, person_no FROM medicines_by_person SEMI JOIN lasting USING (item_code)),
marked AS (
    SELECT DISTINCT item_code, person_no, disease FROM medicines_used SEMI JOIN lasting USING (item_code) WHERE disease IS NOT NULL
    UNION
    SELECT b.item_code, b.person_no, r.disease FROM buyers AS b JOIN registered AS r USING (person_no)
),
everywhere AS (
    SELECT disease, count(DISTINCT person_no) / (SELECT count(DISTINCT person_no) FROM buyers) AS share
    FROM marked GROUP BY disease
),
known AS (
    SELECT m.item_code, m.disease, count(*) AS persons, count(*) / (any_value(b.n) * any_value(e.share)) AS lift
    FROM marked AS m
    JOIN (SELECT item_code, count(*) AS n FROM buyers GROUP BY item_code) AS b USING (item_code)
    JOIN everywhere AS e USING (disease)
    GROUP BY m.item_code, m.disease
    HAVING 20 * persons >= any_value(b.n)
),
meant AS (
    SELECT item_code, disease, persons FROM known
    QUALIFY lift > 1 OR lift = max(lift) OVER (PARTITION BY item_code)
),
serves AS (
    SELECT item_code, disease, persons,
        row_number() OVER (PARTITION BY item_code ORDER BY left(disease, 1) = 'R', persons DESC, disease) AS place
    FROM meant
),
span AS (SELECT max(day) AS last_day FROM settlements),
taken AS (
    SELECT
        c.item_code, c.person_no,
        (e.last_day - c.first_day) / l.step AS due,
        c.n >= 3 AND c.n - 1 > (e.last_day - c.first_day) / l.step / 3 AS as_patients
    FROM medicines_by_person AS c JOIN lasting AS l USING (item_code) CROSS JOIN span AS e
),
own AS (
    SELECT person_no, left(upper(diagnosis_code), 3) AS disease
    FROM settlements
    WHERE is_event AND diagnosis_code IS NOT NULL
    GROUP BY ALL
    HAVING count(DISTINCT day) >= $least_own_days OR bool_or(kind IN ('inpatient', 'maternity'))
    UNION
    SELECT person_no, disease FROM registered
    UNION
    SELECT person_no, substr(disease, 2) FROM registered
    UNION
    SELECT t.person_no, s.disease FROM taken AS t JOIN serves AS s USING (item_code) WHERE t.as_patients
),
explained AS (
    SELECT DISTINCT t.person_no, t.item_code
    FROM taken AS t JOIN serves AS s USING (item_code) JOIN own AS o ON o.person_no = t.person_no AND o.disease = s.disease
),
strange AS (
    SELECT t.person_no, t.item_code, s.disease
    FROM taken AS t
    JOIN serves AS s ON s.item_code = t.item_code AND s.place = 1
    ANTI JOIN explained AS x ON x.person_no = t.person_no AND x.item_code = t.item_code
    WHERE NOT t.as_patients AND t.due >= 1.5
),
needs AS (SELECT person_no, count(DISTINCT disease) AS diseases FROM strange GROUP BY person_no),
bought AS (
    SELECT u.person_no, u.settlement_no, u.site_no, u.day, u.item_code, n.diseases
    FROM medicines_used AS u JOIN strange AS s USING (person_no, item_code) JOIN needs AS n USING (person_no)
    GROUP BY ALL
)
SELECT
    b.person_no, b.settlement_no, b.site_no, b.day, CAST(b.item_code AS VARCHAR) AS item_code, b.diseases,
    coalesce(i.resale_prone, FALSE) AS resale_prone, x.kind = 'institution' AS at_institution, s.doctor_no,
    coalesce(o.unusual_credential, FALSE) AS unusual_credential
FROM bought AS b
JOIN settlements AS s USING (settlement_no)
JOIN sites AS x ON x.site_no = b.site_no
LEFT JOIN items AS i ON i.item_code = b.item_code
LEFT JOIN odd_visits AS o ON o.settlement_no = b.settlement_no

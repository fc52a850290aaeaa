-- Purchases of lasting medicines by persons of whose disease nothing but such purchases tells, and who began late.
-- Lasting are medicines that patients take regularly (medicines_regular). Left out are those that more than $most_share of
-- all persons take: neighbours have them in common anyway. What a medicine is for is learnt:
-- diagnoses (their first three characters) and registered codes (marked R) of at least a twentieth of its buyers that are
-- half as usual again among them as among all who buy lasting medicines. A diagnosis of a day on which a medicine for it
-- was bought may be written for the medicine's sake and tells nothing; any other one and a registration do. Whoever has
-- the medicine within one and a half refills of the beginning of the records may have had it for years.
WITH registered AS (
    SELECT DISTINCT person_no, 'R' || left(upper(disease_code), 3) AS disease FROM registrations
    WHERE kind = 'chronic_disease' AND disease_code IS NOT NULL
),
buyers AS (SELECT item_code, person_no FROM medicines_by_person SEMI JOIN medicines_regular USING (item_code)),
marked AS (
    SELECT DISTINCT item_code, person_no, disease FROM medicines_used SEMI JOIN medicines_regular USING (item_code) WHERE disease IS NOT NULL
    UNION
    SELECT b.item_code, b.person_no, r.disease FROM buyers AS b JOIN registered AS r USING (person_no)
),
everywhere AS (
    SELECT disease, count(*) / (SELECT count(DISTINCT person_no) FROM buyers) AS share
    FROM (SELECT DISTINCT person_no, disease FROM marked) GROUP BY disease
),
serves AS (
    SELECT m.item_code, m.disease
    FROM marked AS m JOIN medicines_regular AS l USING (item_code) JOIN everywhere AS e USING (disease)
    GROUP BY m.item_code, m.disease, l.persons, e.share
    HAVING 20 * count(*) >= l.persons AND count(*) > 1.5 * e.share * l.persons
),
served AS (SELECT DISTINCT u.person_no, u.day, v.disease FROM medicines_used AS u JOIN serves AS v USING (item_code)),
apart AS (
    SELECT DISTINCT person_no, day, left(upper(diagnosis_code), 3) AS disease
    FROM settlements WHERE is_event AND diagnosis_code IS NOT NULL
),
known AS (
    SELECT person_no, disease FROM apart ANTI JOIN served USING (person_no, day, disease)
    UNION
    SELECT person_no, disease FROM registered
),
shown AS (
    SELECT DISTINCT b.item_code, b.person_no
    FROM buyers AS b
    JOIN serves AS v USING (item_code)
    JOIN known AS k ON k.person_no = b.person_no AND k.disease = v.disease
),
span AS (SELECT min(day) AS first_day, (SELECT count(DISTINCT person_no) FROM settlements) AS persons FROM settlements),
strange AS (
    SELECT c.item_code, c.person_no
    FROM medicines_by_person AS c JOIN medicines_regular AS l USING (item_code) CROSS JOIN span AS e
    ANTI JOIN shown AS s ON s.item_code = c.item_code AND s.person_no = c.person_no
    WHERE l.persons <= $most_share * e.persons AND c.n >= 2 AND c.first_day - e.first_day >= 1.5 * l.step
),
bought AS (
    SELECT u.person_no, u.settlement_no, u.site_no, u.day, u.item_code
    FROM medicines_used AS u SEMI JOIN strange AS s ON s.item_code = u.item_code AND s.person_no = u.person_no
    GROUP BY ALL
)
SELECT
    b.person_no, b.settlement_no, b.site_no, b.day, CAST(b.item_code AS VARCHAR) AS item_code,
    coalesce(i.resale_prone, FALSE) AS resale_prone
FROM bought AS b
LEFT JOIN items AS i ON i.item_code = b.item_code

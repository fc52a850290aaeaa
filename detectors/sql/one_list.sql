-- Purchases of drugs that patients take regularly, by persons who take several of them, for unlike diseases, only now and
-- then (medicines_sampled). What a drug is for is learnt: of the diagnoses (their first three characters) of a twentieth of
-- its buyers and more the one that tells most of them, by its share among them times ln of how much more usual it is there
-- than among the buyers of all such drugs. Drugs that no diagnosis tells of are left out.
WITH told AS (SELECT DISTINCT item_code, person_no, disease FROM medicines_used SEMI JOIN medicines_regular USING (item_code) WHERE disease IS NOT NULL),
persons_told AS (SELECT item_code, count(DISTINCT person_no) AS n FROM told GROUP BY item_code),
usual AS (
    SELECT disease, count(DISTINCT person_no) / (SELECT count(DISTINCT person_no) FROM told) AS share
    FROM told GROUP BY disease
),
shares AS (
    SELECT t.item_code, t.disease, count(*) / any_value(p.n) AS share
    FROM told AS t JOIN persons_told AS p USING (item_code)
    GROUP BY t.item_code, t.disease
    HAVING 20 * count(*) >= any_value(p.n)
),
serves AS (
    SELECT s.item_code, s.disease
    FROM shares AS s JOIN usual AS u USING (disease)
    WHERE s.share > u.share
    QUALIFY row_number() OVER (PARTITION BY s.item_code ORDER BY s.share * ln(s.share / u.share) DESC, s.disease) = 1
),
sampled AS (SELECT p.item_code, p.person_no, v.disease FROM medicines_sampled AS p JOIN serves AS v USING (item_code)),
several AS (SELECT person_no FROM sampled GROUP BY person_no HAVING count(DISTINCT disease) >= 2),
bought AS (
    SELECT DISTINCT u.person_no, u.settlement_no, u.site_no, u.day, u.item_code, m.disease
    FROM medicines_used AS u
    JOIN sampled AS m ON m.item_code = u.item_code AND m.person_no = u.person_no
    SEMI JOIN several AS v ON v.person_no = u.person_no
)
SELECT
    b.person_no, b.settlement_no, b.site_no, b.day, CAST(b.item_code AS VARCHAR) AS item_code,
    CAST(b.disease AS VARCHAR) AS disease,
    coalesce(i.resale_prone, FALSE) AS resale_prone
FROM bought AS b
LEFT JOIN items AS i ON i.item_code = b.item_code

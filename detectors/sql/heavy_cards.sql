-- Persons whose purchases at one pharmacy are above the rule ($most_a_year purchases a year, $most_mean_fen on the mean,
-- $most_at_once_fen once), $times_peers times above what nineteen of twenty buyers with any of their diseases reach, and as
-- far above what half of the buyers of the same main item do. Diseases are those that an institution wrote down or the
-- agency registered, by category; what a pharmacy writes proves none. Who has a disease that hardly any other buyer has is
-- compared with nobody, and left out. `households` and `customers` are such persons' households and all customers of the
-- site, `city_…` those of all pharmacies.
WITH units AS (
    SELECT person_no, unit_of(household_no, probable_household_no, person_no) AS unit_no FROM persons
),
events AS (
    SELECT s.settlement_no, s.person_no, s.site_no, x.kind AS site_kind, s.day, s.total_fen, s.diagnosis_code
    FROM settlements AS s JOIN sites AS x USING (site_no)
    WHERE s.is_event AND NOT s.is_manual
),
span AS (SELECT max(day) - min(day) + 1 AS days FROM events),
bought AS (SELECT settlement_no, person_no, site_no, day, total_fen FROM events WHERE site_kind = 'pharmacy'),
pairs AS (
    SELECT
        b.person_no, b.site_no, count(*) AS n, count(DISTINCT b.day) AS days,
        -- of less than a quarter nothing can be said of a year
        count(*) * 365 / greatest(any_value(s.days), 90) AS a_year, sum(b.total_fen) / count(*) AS mean_fen,
        max(b.total_fen) AS at_once_fen, sum(b.total_fen) AS total_fen
    FROM bought AS b CROSS JOIN span AS s
    GROUP BY b.person_no, b.site_no
),
own AS (
    SELECT person_no, max(a_year) AS a_year, max(mean_fen) AS mean_fen, max(at_once_fen) AS at_once_fen
    FROM pairs GROUP BY person_no
),
told AS (
    SELECT person_no, left(diagnosis_code, 3) AS disease
    FROM events WHERE site_kind = 'institution' AND diagnosis_code IS NOT NULL
    UNION
    SELECT person_no, left(disease_code, 3) FROM registrations WHERE kind = 'chronic_disease' AND disease_code IS NOT NULL
),
diseases AS (
    SELECT o.person_no, coalesce(t.disease, 'none') AS disease FROM own AS o LEFT JOIN told AS t USING (person_no)
),
bars AS (
    SELECT
        d.disease, count(*) AS peers, quantile_disc(o.a_year, 0.95) AS a_year, quantile_disc(o.mean_fen, 0.95) AS mean_fen,
        quantile_disc(o.at_once_fen, 0.95) AS at_once_fen
    FROM diseases AS d JOIN own AS o USING (person_no)
    GROUP BY d.disease
),
bar AS (
    SELECT
        d.person_no, min(b.peers) AS peers, max(b.a_year) AS a_year, max(b.mean_fen) AS mean_fen,
        max(b.at_once_fen) AS at_once_fen
    FROM diseases AS d JOIN bars AS b USING (disease)
    GROUP BY d.person_no
),
above AS (
    SELECT
        p.person_no, p.site_no, p.n, p.a_year, p.mean_fen, p.at_once_fen,
        p.a_year > greatest($most_a_year, $times_peers * b.a_year) AS often,
        p.mean_fen > greatest($most_mean_fen, $times_peers * b.mean_fen) AS dear,
        p.at_once_fen > greatest($most_at_once_fen, $times_peers * b.at_once_fen) AS once
    FROM pairs AS p JOIN bar AS b USING (person_no)
    -- one dear device is a device
    WHERE b.peers >= $least_peers AND p.days >= $least_days
),
standing AS (SELECT * FROM above WHERE often OR dear OR once),
-- the item that most of the money went for
main_item AS (
    SELECT person_no, site_no, item_code
    FROM (
        SELECT b.person_no, b.site_no, l.item_code, sum(l.amount_fen) AS fen
        FROM bought AS b
        SEMI JOIN standing AS a ON a.person_no = b.person_no AND a.site_no = b.site_no
        JOIN lines AS l ON l.settlement_no = b.settlement_no
        GROUP BY b.person_no, b.site_no, l.item_code
    )
    QUALIFY row_number() OVER (PARTITION BY person_no, site_no ORDER BY fen DESC, item_code) = 1
),
-- half of the buyers of a drug that one specialised pharmacy sells are its patients
of_item AS (
    SELECT i.item_code, median(p.a_year) AS a_year, median(p.mean_fen) AS mean_fen, median(p.at_once_fen) AS at_once_fen
    FROM (
        SELECT DISTINCT b.person_no, b.site_no, l.item_code
        FROM lines AS l
        SEMI JOIN (SELECT item_code FROM main_item) AS m ON m.item_code = l.item_code
        JOIN bought AS b ON b.settlement_no = l.settlement_no
    ) AS i
    JOIN pairs AS p ON p.person_no = i.person_no AND p.site_no = i.site_no
    GROUP BY i.item_code
    HAVING count(DISTINCT i.person_no) >= 2
),
judged AS (
    SELECT
        s.person_no, s.site_no, s.n, s.a_year, s.mean_fen, s.at_once_fen,
        s.often AND s.a_year > $times_peers * coalesce(i.a_year, 0) AS often,
        s.dear AND s.mean_fen > $times_peers * coalesce(i.mean_fen, 0) AS dear,
        s.once AND s.at_once_fen > $times_peers * coalesce(i.at_once_fen, 0) AS once
    FROM standing AS s
    LEFT JOIN main_item AS m ON m.person_no = s.person_no AND m.site_no = s.site_no
    LEFT JOIN of_item AS i ON i.item_code = m.item_code
),
chosen AS (SELECT j.*, u.unit_no FROM judged AS j JOIN units AS u USING (person_no) WHERE often OR dear OR once),
customers AS (SELECT p.site_no, count(DISTINCT u.unit_no) AS n FROM pairs AS p JOIN units AS u USING (person_no) GROUP BY p.site_no),
at_site AS (SELECT site_no, count(DISTINCT unit_no) AS n FROM chosen GROUP BY site_no)
SELECT
    c.site_no, c.person_no, c.unit_no, c.n, c.a_year, c.mean_fen, c.at_once_fen, c.often, c.dear, c.once,
    a.n AS households, k.n AS customers, (SELECT sum(n) FROM at_site) AS city_households,
    (SELECT sum(n) FROM customers) AS city_customers, (SELECT count(*) FROM customers) AS sites, b.settlement_no, b.day
FROM chosen AS c
JOIN at_site AS a ON a.site_no = c.site_no
JOIN customers AS k ON k.site_no = c.site_no
JOIN bought AS b ON b.person_no = c.person_no AND b.site_no = c.site_no
ORDER BY b.settlement_no

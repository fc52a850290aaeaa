-- Purchases at a pharmacy within a day of a visit to a doctor. The expectation is the largest of three:
--   margins   the doctor's next-day purchases times the pharmacy's share of all next-day purchases;
--   peers     … times its share among the other doctors of the same institution (the pharmacy next door);
--   habit     the patients' own share of this pharmacy in purchases that did not follow this doctor.
WITH counted AS (
    SELECT doctor_no, site_no, count(*) AS n, count(DISTINCT person_no) AS persons FROM fills GROUP BY doctor_no, site_no
),
by_doctor AS (SELECT doctor_no, sum(n) AS n FROM counted GROUP BY doctor_no),
by_pharmacy AS (SELECT site_no, sum(n) AS n FROM counted GROUP BY site_no),
everything AS (SELECT greatest(sum(n), 1) AS n FROM counted),
purchases AS (SELECT person_no, site_no FROM settlements WHERE is_event AND kind = 'pharmacy'),
bought AS (SELECT site_no, count(*) AS n FROM purchases GROUP BY site_no),
home AS (
    -- the institution where a doctor's followed visits are settled most
    SELECT doctor_no, institution_no FROM (
        SELECT doctor_no, institution_no, row_number() OVER (PARTITION BY doctor_no ORDER BY count(*) DESC, institution_no) AS place
        FROM fills GROUP BY doctor_no, institution_no
    ) WHERE place = 1
),
institution_pharmacy AS (
    SELECT h.institution_no, c.site_no, sum(c.n) AS n FROM counted AS c JOIN home AS h USING (doctor_no) GROUP BY ALL
),
institution_total AS (
    SELECT institution_no, sum(n) AS n FROM institution_pharmacy GROUP BY institution_no
),
person_pharmacy AS (SELECT person_no, site_no, count(*) AS n FROM purchases GROUP BY person_no, site_no),
person_total AS (SELECT person_no, sum(n) AS n FROM person_pharmacy GROUP BY person_no),
doctor_person AS (SELECT doctor_no, person_no, count(*) AS n FROM fills GROUP BY doctor_no, person_no),
doctor_person_pharmacy AS (SELECT doctor_no, person_no, site_no, count(*) AS n FROM fills GROUP BY ALL),
habit AS (
    SELECT
        c.doctor_no, c.site_no,
        -- summed as whole billionths, so that no order of addition shows in the result
        sum(CAST(
            dp.n * (coalesce(pp.n, 0) - coalesce(dpp.n, 0) + y.n / e.n)
            / (pt.n - dp.n + 1) * 1e9 AS BIGINT
        )) / 1e9 AS expected
    FROM counted AS c
    CROSS JOIN everything AS e
    JOIN by_pharmacy AS y ON y.site_no = c.site_no
    JOIN doctor_person AS dp ON dp.doctor_no = c.doctor_no
    JOIN person_total AS pt ON pt.person_no = dp.person_no
    LEFT JOIN person_pharmacy AS pp ON pp.person_no = dp.person_no AND pp.site_no = c.site_no
    LEFT JOIN doctor_person_pharmacy AS dpp
        ON dpp.doctor_no = c.doctor_no AND dpp.person_no = dp.person_no AND dpp.site_no = c.site_no
    WHERE c.n >= 5
    GROUP BY c.doctor_no, c.site_no
),
with_expectation AS (
    SELECT
        c.doctor_no, c.site_no, c.n, c.persons,
        c.n / d.n AS doctor_share,
        c.n / b.n AS pharmacy_share,
        greatest(
            d.n * y.n / e.n,
            -- the peers' share is shrunk to the pharmacy's overall share by twenty pseudo-purchases
            d.n * (ip.n - c.n + 20 * y.n / e.n) / (it.n - d.n + 20),
            coalesce(h.expected, 0)
        ) AS expected
    FROM counted AS c
    CROSS JOIN everything AS e
    JOIN by_doctor AS d ON d.doctor_no = c.doctor_no
    JOIN by_pharmacy AS y ON y.site_no = c.site_no
    JOIN bought AS b ON b.site_no = c.site_no
    JOIN home ON home.doctor_no = c.doctor_no
    JOIN institution_pharmacy AS ip ON ip.institution_no = home.institution_no AND ip.site_no = c.site_no
    JOIN institution_total AS it ON it.institution_no = home.institution_no
    LEFT JOIN habit AS h ON h.doctor_no = c.doctor_no AND h.site_no = c.site_no
)
SELECT
    doctor_no, site_no, n, persons, doctor_share, pharmacy_share, expected,
    CASE WHEN n > expected THEN n * ln(n / expected) - (n - expected) ELSE 0 END AS llr
FROM with_expectation

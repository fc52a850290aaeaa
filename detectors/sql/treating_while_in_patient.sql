-- What doctors settled on days strictly inside a stay of their own (the days of admission and discharge are left out),
-- for doctors with so many such days and patients. A stay that they admitted somebody for counts by the day of admission.
WITH linked AS (
    -- one person behind several codes, or a child, is a wrong entry of the register
    SELECT any_value(d.doctor_no) AS doctor_no, d.person_no
    FROM doctors AS d JOIN persons AS p USING (person_no)
    GROUP BY d.person_no, p.birth_year
    HAVING count(*) = 1 AND coalesce(p.birth_year <= (SELECT max(year(settled_at)) FROM settlements) - 22, TRUE)
),
stays AS (
    SELECT
        l.doctor_no, s.settlement_no AS stay_no, CAST(s.begin_at AS DATE) AS from_day, CAST(s.end_at AS DATE) AS to_day
    FROM settlements AS s JOIN linked AS l USING (person_no)
    WHERE s.is_event AND s.kind IN ('inpatient', 'maternity')
      AND date_diff('day', CAST(s.begin_at AS DATE), CAST(s.end_at AS DATE)) >= 2
),
acts AS (
    SELECT
        s.settlement_no, s.doctor_no, s.person_no, s.site_no, CAST(s.begin_at AS DATE) AS on_day,
        CASE WHEN s.kind IN ('inpatient', 'maternity') THEN CAST(s.begin_at AS DATE) ELSE CAST(s.settled_at AS DATE) END AS until_day
    FROM settlements AS s JOIN sites AS x USING (site_no)
    WHERE s.is_event AND NOT s.is_manual AND x.kind = 'institution'
      AND s.doctor_no IN (SELECT doctor_no FROM stays)
      -- where days are delivered late, the day of an act is not known
      AND s.site_no NOT IN (SELECT site_no FROM site_faults WHERE fault IN ('one_stamp_a_day', 'missing_half_days'))
),
of_one_person AS (
    -- a code in use at more institutions than a person can serve is that of several persons, or of nobody
    SELECT doctor_no FROM acts GROUP BY doctor_no HAVING count(DISTINCT site_no) <= CAST($most_sites AS INTEGER)
),
inside AS (
    SELECT a.*, s.stay_no
    FROM acts AS a
    SEMI JOIN of_one_person AS o ON o.doctor_no = a.doctor_no
    JOIN stays AS s ON s.doctor_no = a.doctor_no AND a.on_day > s.from_day AND a.until_day < s.to_day
    WHERE a.person_no <> (SELECT l.person_no FROM linked AS l WHERE l.doctor_no = a.doctor_no)
),
-- where most doctors go on while they are in-patients, codes or person numbers are wrong, and nobody is judged
trusted AS (
    SELECT count(DISTINCT i.doctor_no) <= 0.5 * count(DISTINCT s.doctor_no) OR count(DISTINCT s.doctor_no) < 4 AS holds
    FROM stays AS s SEMI JOIN of_one_person AS o ON o.doctor_no = s.doctor_no
    LEFT JOIN inside AS i ON i.doctor_no = s.doctor_no
),
enough AS (
    SELECT doctor_no FROM inside GROUP BY doctor_no
    HAVING count(DISTINCT on_day) >= CAST($least_days AS INTEGER)
       AND count(DISTINCT person_no) >= CAST($least_persons AS INTEGER)
)
SELECT i.doctor_no, i.site_no, i.settlement_no, i.stay_no, i.person_no, i.on_day
FROM inside AS i SEMI JOIN enough AS e ON e.doctor_no = i.doctor_no CROSS JOIN trusted AS t
WHERE t.holds
ORDER BY i.settlement_no, i.stay_no

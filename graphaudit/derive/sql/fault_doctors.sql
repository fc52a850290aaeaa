-- Sites where many visits stand under a doctor code that is nobody's: one in use at four institutions or more, or with at
-- least fifty times the visits a day that half of the city's doctors have at most, and a hundred. Blank and unknown codes
-- are no doctors to begin with; what is left is a placeholder, a shared login or a wrong mapping.
WITH visits AS (
    SELECT s.site_no, s.doctor_no, s.day, x.kind
    FROM settlements AS s JOIN sites AS x USING (site_no)
    WHERE s.is_event AND NOT s.is_manual AND s.kind IN ('outpatient', 'chronic') AND x.kind = 'institution'
),
doctor AS (
    SELECT doctor_no, count(*) / count(DISTINCT day) AS a_day, count(DISTINCT site_no) AS places
    FROM visits WHERE doctor_no IS NOT NULL GROUP BY doctor_no
),
nobody AS (
    SELECT doctor_no FROM doctor
    WHERE places >= 4 OR a_day >= greatest(50 * (SELECT quantile_disc(a_day, 0.5) FROM doctor), 100)
),
measured AS (
    SELECT v.site_no, v.kind, count(*) AS tested, count(n.doctor_no) AS affected
    FROM visits AS v LEFT JOIN nobody AS n ON n.doctor_no = v.doctor_no
    GROUP BY v.site_no, v.kind
),
compared AS (
    SELECT *, affected / tested AS share, median(affected / tested) OVER (PARTITION BY kind) AS usual
    FROM measured WHERE tested >= 30
)
SELECT site_no, 'shared_doctor_code' AS fault, affected, tested, share, usual, CAST(NULL AS INTEGER) AS minutes
FROM compared
-- a locum under such a code now and then is no matter
WHERE affected >= 30 AND share >= 0.1 AND share >= 3 * usual

-- Every stay of a night at least, with the place where the person is seen most outside hospital beds, and where that is.
WITH visits AS (
    SELECT s.person_no, s.site_no, count(DISTINCT s.day) AS n
    FROM settlements AS s JOIN sites AS x USING (site_no)
    WHERE s.is_event AND NOT s.is_manual AND s.kind IN ('outpatient', 'chronic') AND x.kind = 'institution'
    GROUP BY s.person_no, s.site_no
),
usual AS (SELECT person_no, arg_max(site_no, (n, -site_no)) AS place_no FROM visits GROUP BY person_no)
SELECT s.settlement_no, s.person_no, s.site_no AS hospital_no, u.place_no, x.longitude, x.latitude
FROM settlements AS s
JOIN usual AS u USING (person_no)
JOIN sites AS x ON x.site_no = u.place_no
WHERE s.is_event AND NOT s.is_manual AND s.kind = 'inpatient' AND CAST(s.end_at AS DATE) > CAST(s.begin_at AS DATE)
  AND x.longitude IS NOT NULL AND x.latitude IS NOT NULL
ORDER BY s.settlement_no

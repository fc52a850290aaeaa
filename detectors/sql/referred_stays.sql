-- Stays that begin within $within_days days of a visit to a doctor elsewhere: who referred may be seen just before. Doctors
-- who practise at the hospital as well, and places of its own chain or owner, are the hospital itself.
WITH stays AS (
    SELECT
        s.settlement_no, s.person_no, s.site_no AS hospital_no,
        CAST(date_diff('day', DATE '1970-01-01', CAST(s.begin_at AS DATE)) AS INTEGER) AS day
    FROM settlements AS s
    WHERE s.is_event AND NOT s.is_manual AND s.kind = 'inpatient' AND CAST(s.end_at AS DATE) > CAST(s.begin_at AS DATE)
),
seen AS (
    SELECT DISTINCT s.person_no, s.doctor_no, s.site_no, s.day
    FROM settlements AS s JOIN sites AS x USING (site_no)
    WHERE s.is_event AND NOT s.is_manual AND s.kind IN ('outpatient', 'chronic') AND x.kind = 'institution'
      AND s.doctor_no IS NOT NULL AND s.person_no IN (SELECT person_no FROM stays)
)
SELECT DISTINCT v.doctor_no, v.site_no, t.hospital_no, t.person_no, t.settlement_no
FROM stays AS t
JOIN seen AS v ON v.person_no = t.person_no AND v.site_no <> t.hospital_no
    AND v.day BETWEEN t.day - $within_days AND t.day
JOIN sites AS x ON x.site_no = v.site_no
JOIN sites AS h ON h.site_no = t.hospital_no
ANTI JOIN practices AS p ON p.doctor_no = v.doctor_no AND p.site_no = t.hospital_no
WHERE coalesce(x.chain_id <> h.chain_id, TRUE) AND coalesce(x.owner_id <> h.owner_id, TRUE)
  AND x.longitude IS NOT NULL AND x.latitude IS NOT NULL
ORDER BY v.doctor_no, v.site_no, t.hospital_no, t.settlement_no

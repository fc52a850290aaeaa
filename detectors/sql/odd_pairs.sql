-- Pairs of persons whose odd visits met at least twice, at least three days apart: by chance about one pair in a
-- million, so that two meetings are enough to start from and the group is grown by attendance afterwards.
WITH met AS (
    SELECT least(a.person_no, b.person_no) AS a, greatest(a.person_no, b.person_no) AS b, a.day
    FROM stream AS a
    CROSS JOIN (SELECT unnest([0, 1]) AS step) AS h
    JOIN stream AS b ON b.site_no = a.site_no AND b.day = a.day + h.step
    WHERE a.person_no <> b.person_no AND (h.step = 1 OR a.person_no < b.person_no)
),
pairs AS (SELECT a, b, count(DISTINCT day // 3) AS meetings FROM met GROUP BY a, b HAVING count(DISTINCT day // 3) >= 2)
SELECT t.a, t.b, CAST(t.meetings AS DOUBLE) AS llr
FROM pairs AS t
JOIN persons AS p ON p.person_no = t.a
JOIN persons AS q ON q.person_no = t.b
WHERE NOT coalesce(p.household_no = q.household_no, FALSE)
  AND NOT coalesce(p.probable_household_no = q.probable_household_no, FALSE)
ORDER BY t.a, t.b

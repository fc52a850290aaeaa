-- Pairs of persons whose odd visits met: at one site within a day of each other, not in one household. A meeting is worth
-- -ln of the number of visits as odd as the one that chance would put between the two, times the share of visits as odd
-- as the other: oddness of both against the settlements that the site made from the one to the other. One meeting a pair
-- and day, the best; what is worth less than two nats is left out.
WITH met AS (
    SELECT
        least(a.person_no, b.person_no) AS a, greatest(a.person_no, b.person_no) AS b, least(a.day, b.day) AS day,
        -ln(a.odd_p) - ln(b.odd_p) - ln(1 + abs(a.place - b.place)) AS worth
    FROM stream AS a
    CROSS JOIN (SELECT unnest([0, 1]) AS step) AS h
    JOIN stream AS b ON b.site_no = a.site_no AND b.day = a.day + h.step
    WHERE a.person_no <> b.person_no AND (h.step = 1 OR a.person_no < b.person_no)
),
best AS (SELECT a, b, day, max(worth) AS worth FROM met WHERE worth >= 2 GROUP BY a, b, day),
pairs AS (SELECT a, b, sum(CAST(worth * 1e6 AS BIGINT)) / 1e6 AS worth FROM best GROUP BY a, b)
SELECT t.a, t.b, t.worth AS llr
FROM pairs AS t
JOIN persons AS p ON p.person_no = t.a
JOIN persons AS q ON q.person_no = t.b
WHERE NOT coalesce(p.household_no = q.household_no, FALSE)
  AND NOT coalesce(p.probable_household_no = q.probable_household_no, FALSE)
ORDER BY t.a, t.b

-- Persons who began to come to a site and stayed: known elsewhere before, on $least_days days there over a fortnight or more.
-- In the first $burn_in days nobody can be told from somebody who came before. Whose registration names the site has been
-- sent there.
WITH span AS (SELECT min(day) AS first_day, max(day) AS last_day FROM settlements WHERE is_event),
known AS (SELECT person_no, min(first_day) AS since FROM visited GROUP BY person_no),
began AS (
    SELECT v.person_no, v.site_no, x.kind
    FROM visited AS v JOIN sites AS x USING (site_no) JOIN known AS k USING (person_no) CROSS JOIN span AS s
    WHERE v.first_day >= s.first_day + $burn_in AND v.n >= $least_days AND v.last_day >= v.first_day + 14
        AND k.since <= v.first_day - 28
),
sent AS (
    SELECT DISTINCT person_no, site_no FROM registrations WHERE site_no IS NOT NULL AND person_no IS NOT NULL
)
SELECT s.person_no, s.site_no, b.kind, min(s.day) AS day
FROM settlements AS s JOIN began AS b ON b.person_no = s.person_no AND b.site_no = s.site_no
ANTI JOIN sent AS r ON r.person_no = s.person_no AND r.site_no = s.site_no
WHERE s.is_event AND NOT s.is_manual AND s.kind NOT IN ('inpatient', 'maternity')
GROUP BY s.person_no, s.site_no, b.kind
HAVING count(DISTINCT s.day) >= $least_days

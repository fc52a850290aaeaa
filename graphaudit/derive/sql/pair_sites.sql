-- The sites that both persons of a pair use; `rarer` is the one of the two who was there on fewer days.
SELECT
    p.person_a, p.person_b, a.site_no,
    CASE WHEN a.n <= b.n THEN p.person_a ELSE p.person_b END AS rarer,
    CASE WHEN a.n <= b.n THEN p.person_b ELSE p.person_a END AS other
FROM pair_volume AS p
JOIN co_visit_counts AS a ON a.person_no = p.person_a
JOIN co_visit_counts AS b ON b.person_no = p.person_b AND b.site_no = a.site_no

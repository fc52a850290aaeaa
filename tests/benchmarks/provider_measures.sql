-- One row an institution: its size, and what the structure of persons, physicians and stays looks like there. Written for
-- measuring only: it says what a detector could use.
WITH stays AS (
    SELECT
        settlement_no, person_no, site_no, doctor_no, diagnosis_code, total_fen, CAST(begin_at AS DATE) AS began,
        CAST(end_at AS DATE) AS ended
    FROM settlements
    WHERE is_event
),
size AS (
    SELECT
        site_no, count(*) AS stays, sum(total_fen) / 100 AS amount, count(*) / count(DISTINCT person_no) AS stays_a_person,
        avg(date_diff('day', began, ended)) AS days_a_stay, 
        count(*) / greatest(count(DISTINCT doctor_no), 1) AS stays_a_physician
    FROM stays GROUP BY site_no
),
next_stays AS (
    SELECT *, lead(began) OVER (PARTITION BY person_no, site_no ORDER BY began, settlement_no) AS next_began,
        lead(diagnosis_code) OVER (PARTITION BY person_no, site_no ORDER BY began, settlement_no) AS next_diagnosis
    FROM stays
),
readmitted AS (
    SELECT
        site_no, avg(CAST(coalesce(date_diff('day', ended, next_began) <= 30, FALSE) AS INTEGER)) AS readmitted,
        avg(CAST(coalesce(date_diff('day', ended, next_began) <= 30 AND diagnosis_code[:3] = next_diagnosis[:3], FALSE)
            AS INTEGER)) AS readmitted_same_disease
    FROM next_stays GROUP BY site_no
),
bills AS (
    SELECT s.settlement_no, s.site_no, s.person_no,
        s.diagnosis_code || ':' || string_agg(l.item_code, ',' ORDER BY l.item_code) AS bill
    FROM stays AS s JOIN lines AS l USING (settlement_no)
    GROUP BY s.settlement_no, s.site_no, s.person_no, s.diagnosis_code
),
copied AS (
    SELECT site_no, bill FROM bills GROUP BY site_no, bill HAVING count(DISTINCT person_no) > 1
),
cloned AS (
    SELECT b.site_no, avg(CASE WHEN c.bill IS NULL THEN 0 ELSE 1 END) AS cloned_bills
    FROM bills AS b LEFT JOIN copied AS c USING (site_no, bill)
    GROUP BY b.site_no
),
clashing AS (
    SELECT s.site_no, count(DISTINCT s.settlement_no) AS n
    FROM (SELECT from_no AS settlement_no FROM "overlaps" UNION ALL SELECT to_no FROM "overlaps") JOIN stays AS s USING (settlement_no)
    GROUP BY s.site_no
),
physicians AS (SELECT doctor_no, count(DISTINCT site_no) AS sites FROM stays WHERE doctor_no IS NOT NULL GROUP BY doctor_no),
shared AS (
    SELECT s.site_no, avg(CASE WHEN p.sites > 1 THEN 1 ELSE 0 END) AS shared_physicians
    FROM stays AS s JOIN physicians AS p USING (doctor_no) GROUP BY s.site_no
),
dear AS (
    SELECT site_no, avg(fee - usual) AS above_group
    FROM (
        SELECT s.site_no, ln(s.total_fen + 10000) AS fee, avg(ln(s.total_fen + 10000)) OVER (PARTITION BY l.item_code) AS usual
        FROM stays AS s JOIN lines AS l USING (settlement_no)
        WHERE l.item_code LIKE 'GROUP-%'
    )
    GROUP BY site_no
),
-- pairs of persons who both stayed at two institutions: co-occurring patients without a moment of time
persons_at AS (SELECT DISTINCT person_no, site_no FROM stays),
routes AS (
    SELECT a.person_no, a.site_no AS one, b.site_no AS other
    FROM persons_at AS a JOIN persons_at AS b ON b.person_no = a.person_no AND b.site_no <> a.site_no
),
together AS (SELECT one, other FROM routes GROUP BY one, other HAVING count(*) > 1),
co_occurring AS (
    SELECT r.one AS site_no, count(DISTINCT r.person_no) AS n
    FROM routes AS r SEMI JOIN together AS t ON t.one = r.one AND t.other = r.other
    GROUP BY r.one
)
SELECT
    x.site_id, s.stays, s.amount, s.stays_a_person, s.days_a_stay, s.stays_a_physician, r.readmitted,
    r.readmitted_same_disease, coalesce(c.cloned_bills, 0) AS cloned_bills, coalesce(k.n, 0) / s.stays AS overlapping,
    coalesce(p.shared_physicians, 0) AS shared_physicians, coalesce(d.above_group, 0) AS above_group,
    coalesce(o.n, 0) / s.stays AS co_occurring
FROM size AS s
JOIN sites AS x USING (site_no)
LEFT JOIN readmitted AS r USING (site_no)
LEFT JOIN cloned AS c USING (site_no)
LEFT JOIN clashing AS k USING (site_no)
LEFT JOIN shared AS p USING (site_no)
LEFT JOIN dear AS d USING (site_no)
LEFT JOIN co_occurring AS o USING (site_no)
ORDER BY x.site_id

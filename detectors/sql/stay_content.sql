-- Per group: how light and how alike its common stays are, and what unites the members, against the institution's
-- other stays.
WITH s AS (
    SELECT i.group_no, i.person_no, i.site_no, x.settlement_no, x.total_fen, x.diagnosis_code, x.phone_no
    FROM inside AS i JOIN settlements AS x USING (settlement_no)
),
site AS (
    SELECT site_no, avg(ln(greatest(total_fen, 1))) AS mean, coalesce(stddev_samp(ln(greatest(total_fen, 1))), 1) AS sd
    FROM settlements WHERE is_event AND kind = 'inpatient' GROUP BY site_no
),
bills AS (
    SELECT s.group_no, avg(ln(greatest(total_fen, 1)) - site.mean) AS low,
        coalesce(stddev_samp(ln(greatest(total_fen, 1))), 0) / greatest(avg(site.sd), 0.05) AS spread, count(*) AS n
    FROM s JOIN site USING (site_no) GROUP BY s.group_no
),
phone AS (
    SELECT group_no, max(n) AS n, arg_max(phone_no, (n, -phone_no)) AS phone_no FROM (
        SELECT group_no, phone_no, count(DISTINCT person_no) AS n FROM s WHERE phone_no IS NOT NULL GROUP BY ALL
    ) GROUP BY group_no
),
size AS (SELECT group_no, count(DISTINCT person_no) AS n FROM s GROUP BY group_no)
SELECT b.group_no, b.low, b.spread, b.n, coalesce(phone.n, 0) AS same_contact, phone.phone_no, size.n AS persons
FROM bills AS b JOIN size USING (group_no) LEFT JOIN phone USING (group_no)

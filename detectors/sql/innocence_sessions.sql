-- Per group: what the settlements inside the sessions are like.
WITH s AS (
    SELECT i.group_no, i.person_no, i.site_no, i.session_in_site, x.kind, x.total_fen, x.diagnosis_code
    FROM inside AS i JOIN settlements AS x USING (settlement_no)
),
diagnosis AS (
    SELECT group_no, max(n) AS n FROM (SELECT group_no, diagnosis_code, count(*) AS n FROM s WHERE diagnosis_code IS NOT NULL GROUP BY ALL)
    GROUP BY group_no
),
-- register entries of a site that name days: the share of the group's sessions they cover, and the share of the
-- site's own days that they cover anyway (an entry without an end covers everything and so explains nothing)
entries AS (
    SELECT b.site_no, b.entry_no, b.from_on, b.until_on
    FROM benign_register AS b
    WHERE b.person_no IS NULL AND b.site_no IN (SELECT site_no FROM inside)
),
met AS (SELECT DISTINCT group_no, site_no, session_in_site, min(day) AS day FROM inside GROUP BY group_no, site_no, session_in_site),
covered AS (
    SELECT m.group_no, m.site_no, m.session_in_site,
        bool_or((e.from_on IS NULL OR DATE '1970-01-01' + m.day >= e.from_on)
            AND (e.until_on IS NULL OR DATE '1970-01-01' + m.day <= e.until_on)) AS is_covered
    FROM met AS m JOIN entries AS e USING (site_no)
    GROUP BY m.group_no, m.site_no, m.session_in_site
),
site_days AS (SELECT DISTINCT site_no, day FROM stream WHERE site_no IN (SELECT site_no FROM entries)),
usual AS (
    SELECT d.site_no, count(DISTINCT d.day) FILTER (
            (e.from_on IS NULL OR DATE '1970-01-01' + d.day >= e.from_on)
            AND (e.until_on IS NULL OR DATE '1970-01-01' + d.day <= e.until_on)
        ) / count(DISTINCT d.day) AS share
    FROM site_days AS d JOIN entries AS e USING (site_no)
    GROUP BY d.site_no
),
dates AS (
    SELECT m.group_no,
        sum(CASE WHEN c.is_covered THEN 1 ELSE 0 END) / count(*) AS covered_share,
        sum(coalesce(u.share, 0)) / count(*) AS usual_share
    FROM met AS m
    LEFT JOIN covered AS c USING (group_no, site_no, session_in_site)
    LEFT JOIN usual AS u USING (site_no)
    GROUP BY m.group_no
)
SELECT
    s.group_no, count(*) AS n,
    count(*) FILTER (WHERE kind = 'chronic') / count(*) AS chronic_share,
    coalesce(any_value(d.n), 0) / count(*) AS same_diagnosis,
    coalesce(stddev_samp(ln(greatest(total_fen, 1))), 0) AS fee_spread,
    coalesce(any_value(dates.covered_share), 0) AS covered_share,
    coalesce(any_value(dates.usual_share), 0) AS usual_share
FROM s
LEFT JOIN diagnosis AS d USING (group_no)
LEFT JOIN dates USING (group_no)
GROUP BY s.group_no

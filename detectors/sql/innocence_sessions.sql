-- Per group: what the settlements inside the sessions are like.
WITH s AS (
    SELECT i.group_no, i.person_no, i.site_no, i.session_in_site, x.kind, x.total_fen, x.diagnosis_code
    FROM inside AS i JOIN settlements AS x USING (settlement_no)
),
diagnosis AS (
    SELECT group_no, max(n) AS n FROM (SELECT group_no, diagnosis_code, count(*) AS n FROM s WHERE diagnosis_code IS NOT NULL GROUP BY ALL)
    GROUP BY group_no
),
dates AS (
    SELECT i.group_no, count(DISTINCT b.entry_no) AS n
    FROM inside AS i
    JOIN benign_register AS b ON b.site_no = i.site_no AND b.person_no IS NULL
        AND (b.from_on IS NULL OR DATE '1970-01-01' + i.day >= b.from_on)
        AND (b.until_on IS NULL OR DATE '1970-01-01' + i.day <= b.until_on)
    GROUP BY i.group_no
)
SELECT
    s.group_no, count(*) AS n,
    count(*) FILTER (WHERE kind = 'chronic') / count(*) AS chronic_share,
    coalesce(any_value(d.n), 0) / count(*) AS same_diagnosis,
    coalesce(stddev_samp(ln(greatest(total_fen, 1))), 0) AS fee_spread,
    coalesce(any_value(dates.n), 0) AS register_entries,
    sum(total_fen) AS total_fen
FROM s
LEFT JOIN diagnosis AS d USING (group_no)
LEFT JOIN dates USING (group_no)
GROUP BY s.group_no

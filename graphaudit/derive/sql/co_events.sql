-- The settlements that co-presence looks at, with the bucket of their site's window; `minute` is null without a clock.
SELECT
    s.person_no, s.site_no, s.day, s.minute, w.window_minutes,
    CASE WHEN w.window_minutes = 1440 THEN 0 ELSE s.minute // w.window_minutes END AS bucket
FROM settlements AS s
JOIN site_windows AS w ON w.site_no = s.site_no
WHERE s.is_event AND NOT s.is_manual AND s.kind NOT IN ('inpatient', 'maternity')

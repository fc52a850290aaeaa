-- Stream "visits": every visit and purchase of the city that may be part of a meeting.
SELECT
    s.person_no, s.settlement_no, s.site_no, s.day, CAST(epoch(s.settled_at) AS BIGINT) AS at_s,
    w.window_minutes * 60 AS window_s
FROM settlements AS s JOIN site_windows AS w ON w.site_no = s.site_no
WHERE s.is_event AND NOT s.is_manual AND s.kind NOT IN ('inpatient', 'maternity')

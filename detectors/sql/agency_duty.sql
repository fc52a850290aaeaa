-- Who was on duty at an office on a day: whoever entered, reviewed or registered anything then.
SELECT h.office, a.handler_no, date_diff('day', DATE '1970-01-01', CAST(a.at AS DATE)) AS day
FROM (
    SELECT accepted_by AS handler_no, accepted_at AS at FROM manual_cases
    UNION ALL SELECT r.handler_no, r.at FROM reviews AS r
    UNION ALL SELECT handler_no, handled_at FROM registrations
) AS a
JOIN handlers AS h USING (handler_no)
WHERE h.office IS NOT NULL AND a.at IS NOT NULL
GROUP BY ALL
ORDER BY ALL

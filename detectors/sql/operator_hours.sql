-- Who settles at some sites in which hour of the day: settlements by operator; hour -1 for those without a clock.
SELECT site_no, coalesce(minute // 60, -1) AS hour, handler_no, count(*) AS n
FROM settlements
WHERE is_event AND NOT is_manual AND handler_no IS NOT NULL AND list_contains($sites::INTEGER[], site_no)
GROUP BY ALL
ORDER BY ALL

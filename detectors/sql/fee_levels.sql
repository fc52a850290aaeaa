-- Log fee of each settlement against the mean of its kind of place, of service and of site level.
WITH levels AS (
    SELECT x.kind AS site_kind, s.kind, x.level, avg(ln(greatest(s.total_fen, 1))) AS level_mean
    FROM settlements AS s JOIN sites AS x ON x.site_no = s.site_no
    WHERE s.is_event
    GROUP BY ALL
)
SELECT s.settlement_no, ln(greatest(s.total_fen, 1)) - l.level_mean AS excess
FROM settlements AS s
JOIN sites AS x ON x.site_no = s.site_no
JOIN levels AS l ON l.site_kind = x.kind AND l.kind = s.kind AND l.level IS NOT DISTINCT FROM x.level
WHERE s.settlement_no IN (SELECT settlement_no FROM own_events)

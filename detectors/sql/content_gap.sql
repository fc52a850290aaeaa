-- Per group: steps between members inside a session that take at most 90 seconds, against the sites' own share of
-- settlements followed by somebody else within 90 seconds.
WITH in_order AS (
    SELECT
        i.group_no, i.site_no, i.person_no, s.settled_at, s.has_clock,
        lead(s.settled_at) OVER w AS next_at, lead(i.person_no) OVER w AS next_person
    FROM inside AS i JOIN settlements AS s USING (settlement_no)
    WINDOW w AS (PARTITION BY i.group_no, i.site_no, i.session_in_site ORDER BY s.settled_at, s.settlement_no)
),
base AS (
    SELECT s.site_no, count(*) AS n, count(n.from_no) FILTER (WHERE n.gap_seconds <= 90) AS quick
    FROM settlements AS s LEFT JOIN next_swipe AS n ON n.from_no = s.settlement_no
    WHERE s.is_event AND s.has_clock AND s.site_no IN (SELECT site_no FROM inside)
    GROUP BY s.site_no
)
SELECT
    o.group_no,
    count(*) FILTER (WHERE date_diff('second', o.settled_at, o.next_at) <= 90) AS k,
    count(*) AS n,
    avg((b.quick + 0.5) / (b.n + 1)) AS base_share
FROM in_order AS o JOIN base AS b ON b.site_no = o.site_no
WHERE o.next_at IS NOT NULL AND o.next_person <> o.person_no AND o.has_clock
GROUP BY o.group_no

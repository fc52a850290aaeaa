-- Cells (a site's window on one day) with more persons than can be joined with each other: 400 are 80,000 pairs, of
-- whom chance brings most together. They are scanned by the minute instead; who came in a minute that is as crowded, or
-- has no clock, is left out there and counted.
WITH cells AS (
    SELECT site_no, day, bucket, any_value(window_minutes) AS window_minutes, count(DISTINCT person_no) AS persons
    FROM co_events
    GROUP BY site_no, day, bucket
    HAVING count(DISTINCT person_no) > 400
),
minutes AS (
    SELECT e.site_no, e.day, e.bucket, e.minute, count(DISTINCT e.person_no) AS persons
    FROM co_events AS e SEMI JOIN cells AS c ON c.site_no = e.site_no AND c.day = e.day AND c.bucket = e.bucket
    GROUP BY e.site_no, e.day, e.bucket, e.minute
)
SELECT
    c.site_no, c.day, c.bucket, CASE WHEN c.window_minutes = 1440 THEN 0 ELSE c.bucket * c.window_minutes END AS from_minute,
    c.window_minutes, c.persons,
    sum(CASE WHEN m.minute IS NULL OR m.persons > 400 THEN m.persons ELSE 0 END) AS left_out
FROM cells AS c JOIN minutes AS m ON m.site_no = c.site_no AND m.day = c.day AND m.bucket = c.bucket
GROUP BY c.site_no, c.day, c.bucket, c.window_minutes, c.persons

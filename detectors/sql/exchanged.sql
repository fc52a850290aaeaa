-- Who takes whose slot: within one site, weekday, two windows of the day and class of event, all persons change places by
-- the order of a hash. Each site keeps each day's events, each person the own number of visits there by weekday and hour.
WITH numbered AS (
    SELECT
        settlement_no, site_no, day % 7 AS weekday, stratum,
        CASE WHEN window_s < 86400 THEN (at_s % 86400) // (2 * window_s) ELSE 0 END AS hours
    FROM unshuffled
    WHERE site_no IN (SELECT unnest($sites::INTEGER[]))
),
placed AS (
    SELECT
        settlement_no, site_no, weekday, stratum, hours,
        row_number() OVER (same ORDER BY settlement_no) AS slot,
        row_number() OVER (same ORDER BY hash(settlement_no, $draw::BIGINT), settlement_no) AS drawn
    FROM numbered
    WINDOW same AS (PARTITION BY site_no, weekday, stratum, hours)
)
SELECT s.settlement_no, w.settlement_no AS taken_by
FROM placed AS s
JOIN placed AS w
    ON w.site_no = s.site_no AND w.weekday = s.weekday AND w.stratum = s.stratum AND w.hours = s.hours AND w.drawn = s.slot

-- Every stay of a night at least, with whether it was begun when the city is quiet, in a holiday, or left empty over one.
-- The calendar is the city's own: a day is quiet on which its institutions see far fewer out-patients than on the middle
-- one of the three weeks around it, so shifted working days and local holidays need no table; a holiday is a run of such
-- days longer than a weekend. A stay is empty over a holiday where at least so many days of it inside the stay,
-- admission and discharge not counted, and seven in ten of them, bear no charge at all, while most other days do.
WITH volume AS (
    SELECT CAST(s.begin_at AS DATE) AS on_day, count(*) AS n
    FROM settlements AS s JOIN sites AS x USING (site_no)
    WHERE s.is_event AND NOT s.is_manual AND s.kind IN ('outpatient', 'chronic') AND x.kind <> 'pharmacy'
    GROUP BY ALL
),
quiet AS (
    SELECT on_day
    FROM (
        SELECT on_day, n, median(n) OVER (
            ORDER BY on_day RANGE BETWEEN INTERVAL 10 DAYS PRECEDING AND INTERVAL 10 DAYS FOLLOWING
        ) AS usual
        FROM volume
    )
    WHERE n <= $most_volume * usual
),
runs AS (
    SELECT min(on_day) AS from_day, max(on_day) AS to_day
    FROM (SELECT on_day, on_day - CAST(row_number() OVER (ORDER BY on_day) AS INTEGER) AS run FROM quiet)
    GROUP BY run
    HAVING count(*) >= CAST($least_holiday AS INTEGER)
),
stays AS MATERIALIZED (
    SELECT
        s.settlement_no, s.person_no, s.site_no, coalesce(x.level, '') AS level,
        CAST(s.begin_at AS DATE) AS from_day, CAST(s.end_at AS DATE) AS to_day
    FROM settlements AS s JOIN sites AS x USING (site_no)
    WHERE s.is_event AND NOT s.is_manual AND s.kind = 'inpatient' AND CAST(s.end_at AS DATE) > CAST(s.begin_at AS DATE)
),
across AS (
    -- the days of a holiday inside a stay
    SELECT
        t.settlement_no, greatest(r.from_day, t.from_day + 1) AS from_day, least(r.to_day, t.to_day - 1) AS to_day
    FROM stays AS t JOIN runs AS r ON r.from_day < t.to_day AND r.to_day > t.from_day
    WHERE least(r.to_day, t.to_day - 1) - greatest(r.from_day, t.from_day + 1) + 1 >= CAST($least_holiday AS INTEGER)
),
charged AS (
    SELECT DISTINCT a.settlement_no, CAST(l.occurred_at AS DATE) AS on_day
    FROM (SELECT DISTINCT settlement_no FROM across) AS a JOIN lines AS l USING (settlement_no)
    WHERE l.occurred_at IS NOT NULL
),
emptied AS (
    -- a weekend before a holiday may be part of its run, and be an ordinary one in the ward
    SELECT a.settlement_no, any_value(a.to_day - a.from_day + 1) AS days, count(c.on_day) AS charged
    FROM across AS a LEFT JOIN charged AS c ON c.settlement_no = a.settlement_no AND c.on_day BETWEEN a.from_day AND a.to_day
    GROUP BY a.settlement_no, a.from_day
    HAVING days - charged >= greatest(CAST($least_holiday AS INTEGER), 0.7 * days)
),
empty AS (
    SELECT t.settlement_no
    FROM (SELECT settlement_no, sum(days - charged) AS days FROM emptied GROUP BY settlement_no) AS e
    JOIN stays AS t USING (settlement_no)
    JOIN (SELECT settlement_no, count(*) AS days FROM charged GROUP BY settlement_no) AS c USING (settlement_no)
    WHERE 2 * c.days >= t.to_day - t.from_day + 1 - e.days
)
SELECT
    t.settlement_no, t.person_no, t.site_no, t.level, CAST(date_diff('day', DATE '1970-01-01', t.from_day) AS INTEGER) AS day,
    q.on_day IS NOT NULL AS is_quiet, r.from_day IS NOT NULL AS is_holiday, e.settlement_no IS NOT NULL AS is_empty
FROM stays AS t
LEFT JOIN quiet AS q ON q.on_day = t.from_day
LEFT JOIN runs AS r ON t.from_day BETWEEN r.from_day AND r.to_day
LEFT JOIN empty AS e USING (settlement_no)
ORDER BY t.settlement_no

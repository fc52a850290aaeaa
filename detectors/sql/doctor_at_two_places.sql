-- Two visits under one doctor at two institutions that lie further apart than anybody gets between them, at 60 km/h
-- (a kilometre a minute), whatever moments of the two visits the doctor was there; without coordinates, in two divisions
-- within five minutes. A visit is whatever lies between its begin and its settlement: a patient who queues at the
-- cashier, or an institution that settles late, leaves the doctor time. Where the settlement alone is known, it says when
-- the visit was as well as that institution usually does.
WITH lag_of AS (
    -- what an institution's settlements trail its visits by, where they do: half of them at most
    SELECT site_no, quantile_disc(date_diff('minute', begin_at, settled_at), 0.5) AS minutes
    FROM settlements
    WHERE is_event AND NOT is_manual AND kind IN ('outpatient', 'chronic') AND minute IS NOT NULL AND begin_at < settled_at
      AND CAST(begin_at AS DATE) = CAST(settled_at AS DATE)
    GROUP BY site_no
),
offset_of AS (SELECT site_no, minutes FROM site_faults WHERE fault = 'clock_offset'),
remote AS (
    SELECT DISTINCT l.settlement_no
    FROM lines AS l JOIN items AS i USING (item_code)
    WHERE i.name LIKE '%远程%' OR i.name LIKE '%互联网%' OR i.name LIKE '%会诊%'
),
timed AS (
    SELECT
        s.settlement_no, s.doctor_no, s.person_no, s.site_no, s.day, x.division, x.longitude, x.latitude,
        -- an institution's clock that is ahead says that it was earlier
        CASE
            WHEN s.begin_at < s.settled_at AND CAST(s.begin_at AS DATE) = CAST(s.settled_at AS DATE) AND s.begin_at > s.day * INTERVAL 1 DAY + TIMESTAMP '1970-01-01'
            THEN s.begin_at
            ELSE s.settled_at - coalesce(g.minutes, 0) * INTERVAL 1 MINUTE
        END - coalesce(o.minutes, 0) * INTERVAL 1 MINUTE AS from_at,
        s.settled_at - coalesce(o.minutes, 0) * INTERVAL 1 MINUTE AS to_at
    FROM settlements AS s
    JOIN sites AS x USING (site_no)
    LEFT JOIN lag_of AS g ON g.site_no = s.site_no
    LEFT JOIN offset_of AS o ON o.site_no = s.site_no
    WHERE s.is_event AND NOT s.is_manual AND s.kind IN ('outpatient', 'chronic') AND s.minute IS NOT NULL
      AND s.doctor_no IS NOT NULL AND x.kind = 'institution'
      -- moments of uploads are not those of visits
      AND s.site_no NOT IN (
          SELECT site_no FROM site_faults WHERE fault IN ('no_clock', 'bunched_stamps', 'one_stamp_a_day')
      )
),
several AS (
    -- a code in use at more institutions than a person can serve is that of several persons, or of nobody
    SELECT doctor_no FROM timed GROUP BY doctor_no
    HAVING count(DISTINCT site_no) BETWEEN 2 AND CAST($most_sites AS INTEGER)
),
acts AS (
    SELECT t.* FROM timed AS t SEMI JOIN several AS v ON v.doctor_no = t.doctor_no
    ANTI JOIN remote AS r ON r.settlement_no = t.settlement_no
),
moves AS (
    SELECT
        *, lead(settlement_no) OVER w AS next_no, lead(site_no) OVER w AS next_site, lead(from_at) OVER w AS next_from,
        lead(to_at) OVER w AS next_to, lead(division) OVER w AS next_division, lead(longitude) OVER w AS next_longitude,
        lead(latitude) OVER w AS next_latitude, lead(person_no) OVER w AS next_person
    FROM acts
    WINDOW w AS (PARTITION BY doctor_no ORDER BY to_at, settlement_no)
),
legs AS (
    SELECT
        *,
        -- the most time that the two visits can leave between each other
        greatest(date_diff('second', from_at, next_to), date_diff('second', next_from, to_at)) / 60 AS minutes,
        km_between(latitude, longitude, next_latitude, next_longitude) AS km
    FROM moves WHERE next_site <> site_no
),
registered AS (
    SELECT doctor_no, site_no, coalesce(from_on, DATE '0001-01-01') AS from_on, coalesce(until_on, DATE '9999-12-31') AS until_on
    FROM practices WHERE registered
),
clashes AS (
    SELECT l.*
    FROM legs AS l JOIN doctors AS d USING (doctor_no)
    WHERE (l.km >= 5 AND l.minutes < l.km OR l.km IS NULL AND l.division <> l.next_division AND l.minutes <= 5)
      -- whoever is registered at both, or for several, has an arrangement that the register knows
      AND NOT d.multi_site
      AND NOT (
          EXISTS (
              SELECT 1 FROM registered AS r WHERE r.doctor_no = l.doctor_no AND r.site_no = l.site_no
                AND CAST(l.to_at AS DATE) BETWEEN r.from_on AND r.until_on
          )
          AND EXISTS (
              SELECT 1 FROM registered AS r WHERE r.doctor_no = l.doctor_no AND r.site_no = l.next_site
                AND CAST(l.to_at AS DATE) BETWEEN r.from_on AND r.until_on
          )
      )
),
worked AS (SELECT doctor_no, count(DISTINCT day) AS days FROM acts GROUP BY doctor_no),
enough AS (
    SELECT c.doctor_no
    FROM clashes AS c JOIN worked AS w USING (doctor_no)
    GROUP BY c.doctor_no, w.days
    HAVING count(DISTINCT c.day) >= CAST($least_days AS INTEGER)
       -- a code that is in two places most days was given to two persons
       AND count(DISTINCT c.day) <= 0.5 * w.days
),
belongs AS (
    SELECT doctor_no, arg_max(site_no, (n, -site_no)) AS home_no
    FROM (SELECT doctor_no, site_no, count(*) AS n FROM acts GROUP BY doctor_no, site_no) GROUP BY doctor_no
)
SELECT
    c.doctor_no, b.home_no AS site_no, unnest([c.site_no, c.next_site]) AS other_site_no,
    unnest([c.settlement_no, c.next_no]) AS settlement_no, unnest([c.person_no, c.next_person]) AS person_no, c.day,
    c.settlement_no AS clash_no, c.minutes, c.km
FROM clashes AS c
SEMI JOIN enough AS e ON e.doctor_no = c.doctor_no
JOIN belongs AS b ON b.doctor_no = c.doctor_no
ORDER BY clash_no, settlement_no

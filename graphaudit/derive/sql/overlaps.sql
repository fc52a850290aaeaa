-- Two services of one person, or of one card, that cannot both be true.
--   stay_and_visit  a visit or purchase elsewhere on a day strictly inside a stay (the days of admission and
--                   discharge are left out: people travel on those);
--   two_stays       two stays that share at least one whole day;
--   two_places      two visits closer in time than the way between them at 60 km/h (1 km a minute) over at least
--                   5 km; without coordinates, two sites of one kind in different divisions within 10 minutes.
-- Two places are told by two clocks, so each site's clock is judged first: minutes that pile up on one of the hour are
-- uploads and no times of visits; what passes between a person's visit to an institution and the purchase at a pharmacy
-- on the same day is, over all persons, much the same everywhere, and a site whose median lies far off is taken to be
-- ahead or behind by the difference. A clash that either reading of the clocks allows is none.
-- Sites whose moments are known not to be those of the service (site_faults) say nothing about minutes.
WITH stays AS (
    SELECT
        settlement_no, person_no, card_no, site_no, begin_at, end_at,
        CAST(begin_at AS DATE) AS from_day, CAST(end_at AS DATE) AS to_day
    FROM settlements
    WHERE is_event AND kind IN ('inpatient', 'maternity') AND CAST(end_at AS DATE) > CAST(begin_at AS DATE)
),
visits AS (
    SELECT s.settlement_no, s.person_no, s.card_no, s.site_no, s.settled_at, s.has_clock, CAST(s.settled_at AS DATE) AS on_day
    FROM settlements AS s
    WHERE s.is_event AND NOT s.is_manual
      AND (s.kind NOT IN ('inpatient', 'maternity') OR CAST(s.end_at AS DATE) = CAST(s.begin_at AS DATE))
),
shared_cards AS (
    SELECT card_no FROM holds GROUP BY card_no HAVING count(*) > 1
),
-- who or what the two services share: the person, or a card that several persons were settled with
stay_keys AS (
    SELECT settlement_no, 'p' AS by_what, person_no AS key_no, person_no, site_no, from_day, to_day FROM stays
    UNION ALL
    SELECT settlement_no, 'c', card_no, person_no, site_no, from_day, to_day
    FROM stays WHERE card_no IN (SELECT card_no FROM shared_cards)
),
visit_keys AS (
    SELECT settlement_no, 'p' AS by_what, person_no AS key_no, person_no, site_no, settled_at, on_day, has_clock FROM visits
    UNION ALL
    SELECT settlement_no, 'c', card_no, person_no, site_no, settled_at, on_day, has_clock
    FROM visits WHERE card_no IN (SELECT card_no FROM shared_cards)
),
stay_and_visit AS (
    SELECT
        a.settlement_no AS from_no, v.settlement_no AS to_no, a.person_no, 'stay_and_visit' AS kind,
        1440 AS minutes
    FROM stay_keys AS a
    JOIN visit_keys AS v
        ON v.by_what = a.by_what AND v.key_no = a.key_no AND v.on_day > a.from_day AND v.on_day < a.to_day
    WHERE v.site_no <> a.site_no
),
two_stays AS (
    SELECT
        CASE WHEN (a.from_day, a.settlement_no) <= (b.from_day, b.settlement_no) THEN a.settlement_no ELSE b.settlement_no END AS from_no,
        CASE WHEN (a.from_day, a.settlement_no) <= (b.from_day, b.settlement_no) THEN b.settlement_no ELSE a.settlement_no END AS to_no,
        CASE WHEN (a.from_day, a.settlement_no) <= (b.from_day, b.settlement_no) THEN a.person_no ELSE b.person_no END AS person_no,
        'two_stays' AS kind,
        1440 * date_diff('day', greatest(a.from_day, b.from_day), least(a.to_day, b.to_day)) AS minutes
    FROM stay_keys AS a
    JOIN stay_keys AS b
        ON b.by_what = a.by_what AND b.key_no = a.key_no AND a.settlement_no < b.settlement_no
       AND a.from_day < b.to_day AND b.from_day < a.to_day
    WHERE date_diff('day', greatest(a.from_day, b.from_day), least(a.to_day, b.to_day)) >= 1
),
uploads AS (
    -- people come at any minute: one in sixty falls on each
    SELECT site_no
    FROM (
        SELECT site_no, extract(minute FROM settled_at) AS minute, count(*) AS n
        FROM visits WHERE has_clock GROUP BY ALL
    )
    GROUP BY site_no
    HAVING sum(n) >= 50 AND max(n) >= 0.15 * sum(n)
),
timed AS (
    SELECT v.person_no, v.on_day, v.settled_at, v.site_no, x.kind
    FROM visits AS v JOIN sites AS x USING (site_no)
    WHERE v.has_clock AND v.site_no NOT IN (SELECT site_no FROM uploads)
),
purchases AS (
    SELECT a.site_no AS institution_no, b.site_no AS pharmacy_no, date_diff('second', a.settled_at, b.settled_at) / 60.0 AS minutes
    FROM timed AS a JOIN timed AS b ON b.person_no = a.person_no AND b.on_day = a.on_day
    WHERE a.kind = 'institution' AND b.kind = 'pharmacy'
),
medians AS (
    SELECT pharmacy_no AS site_no, 'pharmacy' AS kind, median(minutes) AS minutes
    FROM purchases GROUP BY pharmacy_no HAVING count(*) >= 40
    UNION ALL
    SELECT institution_no, 'institution', -median(minutes)
    FROM purchases GROUP BY institution_no HAVING count(*) >= 40
),
usual AS (SELECT kind, median(minutes) AS minutes FROM medians GROUP BY kind),
away AS (SELECT m.site_no, m.kind, m.minutes - u.minutes AS ahead FROM medians AS m JOIN usual AS u USING (kind)),
spread AS (SELECT kind, median(abs(ahead)) AS ahead FROM away GROUP BY kind),
clocks AS (
    -- minutes by which a clock is ahead; what the sites differ by anyway says nothing
    SELECT a.site_no, a.ahead
    FROM away AS a JOIN spread AS s USING (kind)
    WHERE abs(a.ahead) >= greatest(10, 5 * s.ahead)
),
moves AS (
    SELECT
        settlement_no AS from_no, person_no, site_no, settled_at,
        lead(settlement_no) OVER w AS to_no,
        lead(site_no) OVER w AS next_site_no,
        lead(settled_at) OVER w AS next_at
    FROM visit_keys
    WHERE has_clock
      AND site_no NOT IN (SELECT site_no FROM uploads)
      AND site_no NOT IN (
          SELECT site_no FROM site_faults WHERE fault IN ('clock_offset', 'bunched_stamps', 'one_stamp_a_day')
      )
    WINDOW w AS (PARTITION BY by_what, key_no ORDER BY settled_at, settlement_no)
),
legs AS (
    SELECT
        m.from_no, m.to_no, m.person_no, date_diff('minute', m.settled_at, m.next_at) AS minutes,
        abs(date_diff('minute', m.settled_at, m.next_at) - coalesce(d.ahead, 0) + coalesce(c.ahead, 0)) AS by_both_clocks,
        a.kind AS kind_a, b.kind AS kind_b, a.division AS division_a, b.division AS division_b,
        km_between(a.latitude, a.longitude, b.latitude, b.longitude) AS km
    FROM moves AS m
    JOIN sites AS a ON a.site_no = m.site_no
    JOIN sites AS b ON b.site_no = m.next_site_no
    LEFT JOIN clocks AS c ON c.site_no = m.site_no
    LEFT JOIN clocks AS d ON d.site_no = m.next_site_no
    WHERE m.to_no IS NOT NULL AND m.site_no <> m.next_site_no
      AND date_diff('minute', m.settled_at, m.next_at) <= 60
),
two_places AS (
    SELECT from_no, to_no, person_no, 'two_places' AS kind, minutes
    FROM legs
    WHERE (km IS NOT NULL AND km >= 5 AND greatest(minutes, by_both_clocks) < km)
       OR (km IS NULL AND kind_a = kind_b AND division_a <> division_b AND greatest(minutes, by_both_clocks) <= 10)
)
SELECT from_no, to_no, min(person_no) AS person_no, min(kind) AS kind, max(minutes) AS minutes
FROM (
    SELECT * FROM stay_and_visit
    UNION ALL SELECT * FROM two_stays
    UNION ALL SELECT * FROM two_places
)
GROUP BY from_no, to_no

-- Visits to sites at which a terminal signed in on some of the days only: a guest. One row per guest, person and day between
-- the first and the last of the guest's days: whether it was signed in then, the settlements made meanwhile, and how often
-- it was signed in at the site's other visits of that hour in that time. A guest that is there on most days is none.
-- A sign-in without an end is taken to last twelve hours.
WITH signed AS (
    SELECT
        site_no, terminal_no, from_at, coalesce(until_at, from_at + INTERVAL 12 HOUR) AS until_at,
        date_diff('day', DATE '1970-01-01', CAST(from_at AS DATE)) AS day
    FROM sign_ins WHERE terminal_no IS NOT NULL
),
held AS (
    SELECT site_no, terminal_no, count(DISTINCT day) AS days, min(day) AS first_day, max(day) AS last_day
    FROM signed GROUP BY site_no, terminal_no
),
-- where a terminal signs in most
home AS (
    SELECT terminal_no, arg_max(site_no, (days, -site_no)) AS site_no FROM held GROUP BY terminal_no
),
open_days AS (SELECT DISTINCT site_no, day FROM settlements WHERE is_event),
guests AS (
    SELECT h.site_no, h.terminal_no, h.first_day, h.last_day, m.site_no AS home_no
    FROM held AS h
    JOIN home AS m USING (terminal_no)
    JOIN open_days AS o ON o.site_no = h.site_no AND o.day BETWEEN h.first_day AND h.last_day
    WHERE h.days >= $least_days
    GROUP BY h.site_no, h.terminal_no, h.days, h.first_day, h.last_day, m.site_no
    HAVING h.days <= $most_share * count(*)
),
guest_days AS (
    SELECT DISTINCT s.site_no, s.terminal_no, s.day FROM signed AS s SEMI JOIN guests AS g USING (site_no, terminal_no)
),
-- a day of another guest says nothing for or against this one: two may serve the same persons in turn
apart AS (
    SELECT g.site_no, g.terminal_no, d.day
    FROM guests AS g JOIN (SELECT DISTINCT site_no, day FROM guest_days) AS d USING (site_no)
    ANTI JOIN guest_days AS o ON o.site_no = g.site_no AND o.terminal_no = g.terminal_no AND o.day = d.day
),
seen AS (
    SELECT g.site_no, g.terminal_no, v.settlement_no, v.person_no, v.day, v.minute // 60 AS hour, v.settled_at
    FROM guests AS g JOIN settlements AS v ON v.site_no = g.site_no AND v.day BETWEEN g.first_day AND g.last_day
    ANTI JOIN apart AS a ON a.site_no = g.site_no AND a.terminal_no = g.terminal_no AND a.day = v.day
    WHERE v.is_event AND NOT v.is_manual AND v.has_clock AND v.kind NOT IN ('inpatient', 'maternity')
),
told AS (
    SELECT DISTINCT s.site_no, s.terminal_no, s.settlement_no
    FROM seen AS s
    JOIN signed AS i ON i.site_no = s.site_no AND i.terminal_no = s.terminal_no
    WHERE s.settled_at BETWEEN i.from_at AND i.until_at
),
days AS (
    SELECT
        s.site_no, s.terminal_no, s.person_no, s.day, count(t.settlement_no) > 0 AS is_told,
        coalesce(min(s.hour) FILTER (t.settlement_no IS NOT NULL), min(s.hour)) AS hour,
        list(t.settlement_no ORDER BY t.settlement_no) FILTER (t.settlement_no IS NOT NULL) AS settlements
    FROM seen AS s LEFT JOIN told AS t USING (site_no, terminal_no, settlement_no)
    GROUP BY s.site_no, s.terminal_no, s.person_no, s.day
),
hours AS (
    SELECT site_no, terminal_no, hour, count(*) AS n, count(*) FILTER (is_told) AS told
    FROM days GROUP BY site_no, terminal_no, hour
),
whole AS (SELECT site_no, terminal_no, sum(told) / sum(n) AS share FROM hours GROUP BY site_no, terminal_no),
own AS (
    SELECT site_no, terminal_no, person_no, hour, count(*) AS n, count(*) FILTER (is_told) AS told
    FROM days GROUP BY site_no, terminal_no, person_no, hour
)
SELECT
    d.site_no, d.terminal_no, g.home_no, x.kind AS home_kind, d.person_no,
    unit_of(p.household_no, p.probable_household_no, d.person_no) AS unit_no, d.day, d.is_told, d.settlements,
    -- the others' share in that hour, with two visits of the whole time
    (h.told - o.told + 2 * w.share) / (h.n - o.n + 2) AS usual,
    EXISTS (
        SELECT 1 FROM site_pauses AS z
        WHERE z.site_no = g.home_no AND g.home_no <> g.site_no
          AND d.day >= date_diff('day', DATE '1970-01-01', CAST(z.from_at AS DATE))
          AND (z.until_at IS NULL OR d.day <= date_diff('day', DATE '1970-01-01', CAST(z.until_at AS DATE)))
    ) AS is_home_paused
FROM days AS d
JOIN guests AS g USING (site_no, terminal_no)
JOIN sites AS x ON x.site_no = g.home_no
JOIN hours AS h USING (site_no, terminal_no, hour)
JOIN whole AS w USING (site_no, terminal_no)
JOIN own AS o USING (site_no, terminal_no, person_no, hour)
JOIN persons AS p ON p.person_no = d.person_no
ORDER BY d.site_no, d.terminal_no, d.person_no, d.day

-- Purchases of $least_a_day households or more within one hour of a day in which hardly anybody buys: at most $most_share
-- of the pharmacy's custom on its usual day, and of that of all others. What an hour usually has is what it has on the
-- middle day, where most days have anybody in it, else one household for each day that has: a few bursts do not make it
-- usual. `expected` is how many of that day's households such an hour would have, `held` the hours of a day with anybody in
-- the city. Pharmacies whose moments are those of uploads or whose clock is off are left out, and so are days with less
-- than half of the usual custom in the other hours: what an outage held up is sent afterwards.
WITH units AS (
    SELECT person_no, unit_of(household_no, probable_household_no, person_no) AS unit_no FROM persons
),
visits AS (
    SELECT s.settlement_no, s.person_no, u.unit_no, s.site_no, s.day, s.minute // 60 AS hour
    FROM settlements AS s
    JOIN sites AS x USING (site_no)
    JOIN units AS u USING (person_no)
    WHERE x.kind = 'pharmacy' AND s.is_event AND NOT s.is_manual AND s.minute IS NOT NULL
      AND s.site_no NOT IN (
        SELECT site_no FROM site_faults WHERE fault IN ('no_clock', 'bunched_stamps', 'one_stamp_a_day', 'clock_offset')
      )
),
cells AS (SELECT site_no, day, hour, count(DISTINCT unit_no) AS units FROM visits GROUP BY site_no, day, hour),
days AS (SELECT site_no, day, sum(units) AS units FROM cells GROUP BY site_no, day),
site AS (SELECT site_no, count(*) AS days, avg(units) AS units FROM days GROUP BY site_no),
hours AS (
    SELECT
        c.site_no, c.hour,
        CASE WHEN 2 * count(*) > any_value(s.days) THEN median(c.units) ELSE 1 END * count(*) / any_value(s.days) AS units
    FROM cells AS c JOIN site AS s USING (site_no)
    GROUP BY c.site_no, c.hour
),
-- whole thousandths, so that the order of summing does not show
city_hours AS (SELECT hour, sum(CAST(1000 * units AS BIGINT)) AS units FROM hours GROUP BY hour),
city AS (SELECT sum(CAST(1000 * units AS BIGINT)) AS units FROM site),
shares AS (
    SELECT
        h.site_no, h.hour,
        greatest(h.units / s.units, (a.units - 1000 * h.units) / greatest(c.units - 1000 * s.units, 1)) AS share
    FROM hours AS h
    JOIN site AS s USING (site_no)
    JOIN city_hours AS a USING (hour)
    CROSS JOIN city AS c
),
parts AS (
    SELECT
        c.site_no, c.day, c.hour, c.units, s.share,
        coalesce(sum(c.units) FILTER (s.share > $most_share) OVER (PARTITION BY c.site_no, c.day), 0) AS by_day
    FROM cells AS c JOIN shares AS s ON s.site_no = c.site_no AND s.hour = c.hour
),
usual AS (
    SELECT site_no, median(by_day) AS by_day FROM (SELECT DISTINCT site_no, day, by_day FROM parts) GROUP BY site_no
),
judged AS (
    SELECT p.site_no, p.day, p.hour, p.units, d.units * p.share AS expected
    FROM parts AS p
    JOIN days AS d ON d.site_no = p.site_no AND d.day = p.day
    JOIN usual AS u ON u.site_no = p.site_no
    WHERE p.share <= $most_share AND p.units >= $least_a_day AND 2 * p.by_day >= u.by_day
)
SELECT
    j.site_no, j.day, j.units, j.expected, (SELECT count(*) FROM cells) AS held,
    v.settlement_no, v.person_no, v.unit_no, t.handler_no, t.minute, c.kind AS credential, v.hour,
    min(v.settlement_no) OVER (PARTITION BY j.site_no, j.day, j.hour) AS cell
FROM judged AS j
JOIN visits AS v ON v.site_no = j.site_no AND v.day = j.day AND v.hour = j.hour
JOIN settlements AS t ON t.settlement_no = v.settlement_no
LEFT JOIN cards AS c ON c.card_no = t.card_no
ORDER BY v.settlement_no

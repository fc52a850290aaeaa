-- Purchases of lasting medicines, what each leaves in the buyer's hands, and the peers that it is held against.
-- Lasting are medicines of which at least half of the purchases are by persons who bought them on three days or more.
-- A purchase lasts for its days of supply; where the source states none, for its packs at the medicine's own pace: the
-- median, over those who came three times or more, of days elapsed by packs bought before the last day. What is left from
-- earlier purchases is counted at twice the stated use (a raised dose is no excess); with the new purchase it makes what is
-- held. `beyond` counts what is held beside a usual purchase of the medicine, in $parts parts of such a purchase, up to
-- $most_counted of them.
-- Peers take the same medicine for the same disease at like age, and have been seen to take it for as many months.
WITH used AS (
    SELECT
        l.item_code, s.person_no, s.day, sum(l.quantity) AS packs, sum(l.days) FILTER (WHERE l.days > 0) AS days,
        min(s.settlement_no) AS settlement_no, arg_min(s.site_no, s.settlement_no) AS site_no,
        bool_and(s.kind = 'chronic') AS is_planned
    FROM lines AS l JOIN settlements AS s USING (settlement_no)
    WHERE l.is_drug AND s.is_event AND NOT s.is_manual AND s.refunded_fen = 0 AND l.quantity > 0
        AND s.kind NOT IN ('inpatient', 'maternity')
    GROUP BY l.item_code, s.person_no, s.day
),
counted AS (SELECT *, count(*) OVER (PARTITION BY item_code, person_no) AS times FROM used),
course AS (
    SELECT
        item_code, person_no, any_value(times) AS times, sum(packs) - arg_max(packs, day) AS packs,
        max(day) - min(day) AS elapsed, min(day) AS first_day
    FROM counted GROUP BY item_code, person_no
),
pace AS (
    SELECT item_code, count(*) AS persons, median(elapsed / packs) FILTER (WHERE times >= 3) AS elapsed_by_pack
    FROM course GROUP BY item_code
),
lasting AS (
    SELECT c.item_code, coalesce(median(c.days / c.packs), any_value(p.elapsed_by_pack)) AS days_by_pack
    FROM counted AS c JOIN pace AS p USING (item_code)
    WHERE p.persons >= 20
    GROUP BY c.item_code
    HAVING avg(CASE WHEN c.times >= 3 THEN 1 ELSE 0 END) >= 0.5
),
supplied AS (
    SELECT c.*, coalesce(c.days, c.packs * l.days_by_pack) AS supply FROM counted AS c JOIN lasting AS l USING (item_code)
),
balance AS (
    SELECT
        *, coalesce(sum(supply) OVER (earlier ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0) - 2 * day AS level,
        day - lag(day) OVER earlier AS since, lead(day) OVER earlier - day AS until
    FROM supplied
    WINDOW earlier AS (PARTITION BY item_code, person_no ORDER BY day)
),
stock AS (
    SELECT *, supply + level - min(level) OVER (
        PARTITION BY item_code, person_no ORDER BY day ROWS UNBOUNDED PRECEDING
    ) AS held
    FROM balance
),
usual AS (SELECT item_code, median(supply) AS usual FROM stock GROUP BY item_code)
SELECT
    s.item_code, s.person_no, s.day, s.settlement_no, s.site_no, s.is_planned, s.times, s.since, s.until, s.supply, s.held,
    s.held / u.usual AS times_usual,
    -- the margin is for sums of fractions that should be equal
    CAST(least(greatest(floor($parts * (s.held / u.usual - 1) + 0.0001), 0), $most_counted) AS INTEGER) AS beyond,
    coalesce(left(n.diagnosis_code, 3), '') AS disease,
    CASE
        WHEN p.birth_year IS NULL THEN '' WHEN s.day < 365.25 * (p.birth_year - 1952) THEN '0'
        WHEN s.day < 365.25 * (p.birth_year - 1930) THEN '18' WHEN s.day < 365.25 * (p.birth_year - 1910) THEN '40'
        WHEN s.day < 365.25 * (p.birth_year - 1895) THEN '60' ELSE '75'
    END AS age,
    CASE
        WHEN s.day - c.first_day < 30 THEN '0' WHEN s.day - c.first_day < 90 THEN '1'
        WHEN s.day - c.first_day < 180 THEN '3' ELSE '6'
    END AS months
FROM stock AS s
JOIN usual AS u USING (item_code)
JOIN course AS c USING (item_code, person_no)
JOIN persons AS p USING (person_no)
JOIN settlements AS n ON n.settlement_no = s.settlement_no

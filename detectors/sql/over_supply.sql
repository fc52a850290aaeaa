-- Purchases of lasting medicines that leave the buyer with more than is usual, for buyers who made such on several days.
-- Lasting are medicines of which at least half of the purchases are by persons who bought them on three days or more.
-- A purchase lasts for its days of supply; where the source states none, for its packs at the medicine's own pace: the
-- median, over those who came three times or more, of days elapsed by packs bought before the last day. What is left from
-- earlier purchases is counted at twice the stated use (a raised dose is no excess); with the new purchase it makes what is
-- held. Usual is up to the share $usual of a medicine's purchases, but no more than half as much again as the medicines'
-- own median of that limit, for the few buyers of one medicine may all be the ones in question. A registered plan may
-- hand out $planned_days at once, and whoever always comes back when what he bought is nearly used buys long prescriptions.
-- Purchases on days when the buyer met another such buyer whom he met on another day too are left out: who keep meeting go
-- together, as companions and homes do. `own` is the share of the site in the person's other visits.
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
    SELECT item_code, any_value(times) AS times, sum(packs) - arg_max(packs, day) AS packs, max(day) - min(day) AS elapsed
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
limits AS (
    SELECT item_code, median(supply) AS usual, quantile_cont(held, $usual) AS most FROM stock GROUP BY item_code
),
city AS (SELECT median(most / usual) AS ratio FROM limits),
excessive AS (
    SELECT s.item_code, s.person_no, s.day, s.settlement_no, s.site_no, s.held / l.usual AS times_usual
    FROM stock AS s JOIN limits AS l USING (item_code) CROSS JOIN city AS c
    -- the margin is for sums of fractions that should be equal
    WHERE s.held > 1.0001 * least(l.most, 1.5 * c.ratio * l.usual)
        AND NOT (s.is_planned AND s.held <= $planned_days)
        AND NOT (
            s.held <= $planned_days AND s.times >= 3
            AND coalesce(least(coalesce(s.since, s.until), coalesce(s.until, s.since)) >= 0.8 * s.supply, FALSE)
        )
),
buyers AS (SELECT person_no FROM excessive GROUP BY person_no HAVING count(DISTINCT day) >= $least_own_days),
visits AS (
    SELECT DISTINCT person_no, site_no, day
    FROM settlements SEMI JOIN buyers USING (person_no)
    WHERE is_event AND NOT is_manual
),
met AS (
    SELECT a.person_no, b.person_no AS other_no, a.site_no, a.day
    FROM visits AS a JOIN visits AS b ON a.site_no = b.site_no AND a.day = b.day AND a.person_no <> b.person_no
),
companions AS (SELECT person_no, other_no FROM met GROUP BY person_no, other_no HAVING count(DISTINCT day) >= 2),
together AS (SELECT DISTINCT person_no, site_no, day FROM met SEMI JOIN companions USING (person_no, other_no)),
alone AS (
    SELECT e.* FROM excessive AS e SEMI JOIN buyers USING (person_no) ANTI JOIN together USING (person_no, site_no, day)
),
several AS (SELECT person_no FROM alone GROUP BY person_no HAVING count(DISTINCT day) >= $least_own_days),
bought AS (SELECT a.* FROM alone AS a SEMI JOIN several USING (person_no)),
elsewhere AS (
    SELECT s.person_no, s.site_no, count(*) AS n
    FROM settlements AS s SEMI JOIN bought AS v ON v.person_no = s.person_no
    ANTI JOIN bought AS b ON b.settlement_no = s.settlement_no
    WHERE s.is_event AND NOT s.is_manual
    GROUP BY s.person_no, s.site_no
),
habit AS (SELECT person_no, site_no, n / sum(n) OVER (PARTITION BY person_no) AS own FROM elsewhere)
SELECT
    b.person_no, b.settlement_no, b.site_no, b.day, b.item_code, round(b.times_usual, 6) AS times_usual,
    coalesce(h.own, 0) AS own, coalesce(i.resale_prone, FALSE) AS resale_prone
FROM bought AS b
LEFT JOIN items AS i ON i.item_code = b.item_code
LEFT JOIN habit AS h ON h.person_no = b.person_no AND h.site_no = b.site_no
ORDER BY b.person_no, b.settlement_no, b.item_code

-- Purchases of lasting medicines that leave the buyer with more than peers hold, for buyers who made such on several days.
-- The table `limits` has, for each kind of peers, what they hold beside a usual purchase, and from where on that is rare. A registered plan may hand out $planned_days at once, and whoever always comes back when what he bought is
-- nearly used buys long prescriptions.
-- Purchases on days when the buyer met another such buyer whom he met on another day too are left out: who keep meeting go
-- together, as companions and homes do.
WITH excessive AS (
    SELECT s.item_code, s.person_no, s.day, s.settlement_no, s.site_no, s.times_usual, l.peers_hold
    FROM stock AS s JOIN limits AS l USING (item_code, disease, age, months)
    WHERE s.beyond >= l.least_rare
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
bought AS (SELECT a.* FROM alone AS a SEMI JOIN several USING (person_no))
SELECT
    b.person_no, b.settlement_no, b.site_no, b.day, b.item_code, round(b.times_usual, 6) AS times_usual,
    round(b.peers_hold, 6) AS peers_hold,
    coalesce(i.resale_prone, FALSE) AS resale_prone
FROM bought AS b
LEFT JOIN items AS i ON i.item_code = b.item_code

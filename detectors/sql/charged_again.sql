-- Charges made twice.
--   again   the same bill of the same person at the same site settled a second time, an hour or more after the first
--           (nearer ones are uploads that were tried again): every item, quantity and amount equal, and either the
--           times of the charges too, to the second, or at least four items on the same day;
--   daily   an item that is charged at most once a day everywhere else (to 499 of 500 patients' days), charged for more;
--           a stay's only line of the item may stand for as many as the stay has days.
-- Where half of a site's persons show it, it is the way of its feed and left out. Refunded settlements are no events.
WITH events AS MATERIALIZED (
    SELECT
        settlement_no, person_no, site_no, coalesce(doctor_no, -1) AS doctor_no, settled_at, day,
        greatest(coalesce(date_diff('day', begin_at, end_at), 0), 0) + 1 AS stay_days
    FROM settlements WHERE is_event AND NOT is_manual
),
seen AS (SELECT site_no, doctor_no, count(DISTINCT person_no) AS n FROM events GROUP BY site_no, doctor_no),
in_site AS (SELECT site_no, sum(n) AS n FROM seen GROUP BY site_no),
-- persons who settled twice at the same site: nobody else can be billed again
twice AS (SELECT person_no, site_no FROM events GROUP BY person_no, site_no HAVING count(*) > 1),
bills AS (
    SELECT
        e.settlement_no, e.person_no, e.site_no, e.doctor_no, e.settled_at, e.day,
        count(DISTINCT l.item_code) AS items,
        -- a clock that reads midnight is no clock
        bool_and(l.occurred_at IS NOT NULL AND CAST(l.occurred_at AS TIME) <> TIME '00:00:00') AS has_times,
        sum(hash(l.item_code, l.quantity, l.amount_fen)) AS what,
        sum(hash(l.item_code, l.quantity, l.amount_fen, l.occurred_at)) AS what_and_when
    FROM lines AS l JOIN events AS e USING (settlement_no) SEMI JOIN twice AS t ON t.person_no = e.person_no AND t.site_no = e.site_no
    WHERE l.amount_fen > 0
    GROUP BY ALL
),
pairs AS (
    SELECT person_no, site_no, doctor_no, settlement_no, settled_at, 't' AS by_what, what_and_when AS bill
    FROM bills WHERE has_times
    UNION ALL
    SELECT person_no, site_no, doctor_no, settlement_no, settled_at, 'd', hash(what, day) FROM bills WHERE items >= 4
),
ordered AS (
    SELECT *,
        lead(settlement_no) OVER w AS next_no, lead(settled_at) OVER w AS next_at
    FROM pairs
    WINDOW w AS (PARTITION BY person_no, site_no, by_what, bill ORDER BY settled_at, settlement_no)
),
repeated AS (
    SELECT person_no, site_no, doctor_no, settlement_no, next_no
    FROM ordered WHERE next_no IS NOT NULL AND date_diff('second', settled_at, next_at) >= 60 * CAST($least_minutes AS INTEGER)
),
-- what is charged once a day
by_day AS (
    SELECT e.site_no, e.doctor_no, e.person_no, e.settlement_no, l.item_code, CAST(l.occurred_at AS DATE) AS on_day,
        sum(l.quantity) AS quantity, any_value(e.stay_days) AS stay_days
    FROM lines AS l JOIN events AS e USING (settlement_no)
    WHERE NOT l.is_drug AND l.occurred_at IS NOT NULL AND l.quantity > 0
    GROUP BY ALL
),
-- some bills sum a stay's days up in one line
day_lines AS (
    SELECT *, quantity <= stay_days AND count(*) OVER (PARTITION BY settlement_no, item_code) = 1 AS is_summed_up FROM by_day
),
by_site AS (
    SELECT item_code, site_no, count(*) AS n, count(*) FILTER (WHERE quantity > 1) AS more
    FROM day_lines WHERE NOT is_summed_up OR quantity <= 1
    GROUP BY ALL
),
by_item AS (SELECT item_code, sum(n) AS n, sum(more) AS more FROM by_site GROUP BY item_code),
once AS (
    SELECT s.item_code, s.site_no
    FROM by_site AS s JOIN by_item AS i USING (item_code)
    WHERE i.n - s.n >= 500 AND i.more - s.more <= 0.002 * (i.n - s.n) AND s.more > 0
),
told AS (
    SELECT 'again' AS side, person_no, site_no, doctor_no, settlement_no FROM repeated
    UNION
    SELECT 'again', person_no, site_no, doctor_no, next_no FROM repeated
    UNION
    SELECT 'daily', d.person_no, d.site_no, d.doctor_no, d.settlement_no
    FROM day_lines AS d SEMI JOIN once AS o ON o.item_code = d.item_code AND o.site_no = d.site_no
    WHERE d.quantity > 1 AND NOT d.is_summed_up
),
kept AS (
    SELECT side, site_no
    FROM (SELECT side, site_no, count(DISTINCT (person_no, doctor_no)) AS k FROM told GROUP BY side, site_no)
    JOIN in_site AS x USING (site_no)
    WHERE 2 * k < x.n
)
SELECT
    t.person_no, t.settlement_no, t.site_no, t.doctor_no, t.side, d.n AS doctor_n, x.n AS site_n,
    (SELECT sum(n) FROM seen) AS city_n, (SELECT count(*) FROM seen) + (SELECT count(*) FROM in_site) AS cells
FROM told AS t
SEMI JOIN kept AS k ON k.side = t.side AND k.site_no = t.site_no
JOIN seen AS d USING (site_no, doctor_no)
JOIN in_site AS x USING (site_no)
ORDER BY t.settlement_no, t.side

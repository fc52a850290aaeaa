-- How far each settlement departs, dimension by dimension, from the same person's other settlements (their mean shrunk to
-- the peers' by one); larger is stranger, NULL where a dimension says nothing. Rounded, so that the order of summing does
-- not show; to whole hundred-thousandths, since rounding to five places takes a power of ten for every value.
WITH person AS (
    SELECT
        person_no, count(*) AS n, sum(fee) AS fee, sum(lines) AS lines, sum(quantity) AS quantity, sum(top_share) AS top_share,
        sum(fund_share) AS fund_share, sum(account_share) AS account_share, sum(hour) AS hour, count(hour) AS hours,
        avg(longitude) AS longitude, avg(latitude) AS latitude
    FROM departure_events GROUP BY person_no
),
here AS (SELECT person_no, site_no, count(*) AS n FROM departure_events GROUP BY person_no, site_no),
held AS (SELECT person_no, credential, count(*) AS n FROM departure_events GROUP BY person_no, credential),
ill AS (SELECT person_no, diagnosis, count(*) AS n FROM departure_events GROUP BY person_no, diagnosis),
equals AS (SELECT site_no, total_fen, count(DISTINCT person_no) AS n FROM departure_events GROUP BY site_no, total_fen),
away AS (
    SELECT DISTINCT unnest([from_no, to_no]) AS settlement_no FROM "overlaps"
),
-- stays that no visit led to within a fortnight, and the nearest other bill for a stay at the same site
stays AS (
    SELECT e.settlement_no, e.person_no, e.site_no, e.total_fen, x.begin_at
    FROM departure_events AS e JOIN settlements AS x USING (settlement_no) WHERE e.service = 'stay'
),
led AS (
    SELECT DISTINCT t.settlement_no
    FROM stays AS t JOIN departure_events AS v USING (person_no)
    WHERE v.service = 'visit' AND DATE '1970-01-01' + v.day BETWEEN CAST(t.begin_at AS DATE) - 14 AND CAST(t.begin_at AS DATE)
),
billed AS (
    SELECT
        settlement_no, total_fen, lag(total_fen) OVER site AS below, lead(total_fen) OVER site AS above
    FROM stays
    WINDOW site AS (PARTITION BY site_no ORDER BY total_fen, settlement_no)
),
stayed AS (
    SELECT
        b.settlement_no, CASE WHEN d.settlement_no IS NULL THEN 1 ELSE 0 END AS unprepared,
        least(coalesce(ln(b.total_fen / greatest(b.below, 1)), 9), coalesce(ln(b.above / greatest(b.total_fen, 1)), 9)) AS step
    FROM billed AS b LEFT JOIN led AS d USING (settlement_no)
),
gaps AS (
    SELECT
        e.settlement_no, e.person_no, e.site_no, e.day, e.service, e.refunded, e.no_bed, e.length, e.credential, e.diagnosis,
        p.n, h.n AS here, c.n AS held, i.n AS ill, q.n AS equals,
        e.fee - (p.fee - e.fee) / p.n AS fee,
        e.lines - (p.lines - e.lines) / p.n AS lines,
        e.quantity - (p.quantity - e.quantity) / p.n AS quantity,
        e.top_share - (p.top_share - e.top_share) / p.n AS top_share,
        e.fund_share - (p.fund_share - e.fund_share) / p.n AS fund_share,
        e.account_share - (p.account_share - e.account_share) / p.n AS account_share,
        CASE WHEN p.hours > 2 THEN abs(e.hour - (p.hour - e.hour) / (p.hours - 1)) END AS hour,
        (e.longitude - p.longitude) ** 2 + (e.latitude - p.latitude) ** 2 AS distance
    FROM departure_events AS e
    JOIN person AS p USING (person_no)
    JOIN here AS h ON h.person_no = e.person_no AND h.site_no = e.site_no
    JOIN equals AS q ON q.site_no = e.site_no AND q.total_fen = e.total_fen
    LEFT JOIN held AS c ON c.person_no = e.person_no AND c.credential = e.credential
    LEFT JOIN ill AS i ON i.person_no = e.person_no AND i.diagnosis = e.diagnosis
)
SELECT
    g.settlement_no, g.person_no, g.site_no, g.day, g.service,
    CAST(round(1e5 * g.fee) / 1e5 AS FLOAT) AS fee_high,
    CAST(-round(1e5 * g.fee) / 1e5 AS FLOAT) AS fee_low,
    CAST(round(1e5 * g.lines) / 1e5 AS FLOAT) AS many_lines,
    CAST(-round(1e5 * g.lines) / 1e5 AS FLOAT) AS few_lines,
    CAST(round(1e5 * g.quantity) / 1e5 AS FLOAT) AS quantity,
    CAST(round(1e5 * g.top_share) / 1e5 AS FLOAT) AS one_item,
    CAST(round(1e5 * g.fund_share) / 1e5 AS FLOAT) AS fund_high,
    CAST(-round(1e5 * g.fund_share) / 1e5 AS FLOAT) AS fund_low,
    CAST(round(1e5 * g.account_share) / 1e5 AS FLOAT) AS account_high,
    CAST(round(1e5 * g.hour) / 1e5 AS FLOAT) AS hour,
    CAST(CASE WHEN g.n > 2 THEN round(1e5 * ln(g.n / g.here)) / 1e5 END AS FLOAT) AS new_site,
    CAST(CASE WHEN g.n > 2 THEN round(1e5 * g.distance) / 1e5 END AS FLOAT) AS distance,
    CAST(CASE WHEN g.n > 2 AND g.credential IS NOT NULL THEN round(1e5 * (1 - g.held / g.n)) / 1e5 END AS FLOAT) AS credential,
    CAST(CASE WHEN g.n > 2 AND g.diagnosis IS NOT NULL THEN round(1e5 * ln(g.n / g.ill)) / 1e5 END AS FLOAT) AS new_diagnosis,
    CAST(g.refunded AS FLOAT) AS refunded,
    CAST(g.equals AS FLOAT) AS equal_bill,
    CAST(round(1e5 * g.length) / 1e5 AS FLOAT) AS stay_long,
    CAST(-round(1e5 * g.length) / 1e5 AS FLOAT) AS stay_short,
    CAST(g.no_bed AS FLOAT) AS no_bed,
    CAST(round(1e5 * t.foreign_items) / 1e5 AS FLOAT) AS foreign_items,
    CAST(round(1e5 * t.broken_off) / 1e5 AS FLOAT) AS broken_off,
    CAST(round(1e5 * t.misfit) / 1e5 AS FLOAT) AS misfit,
    CAST(CASE WHEN a.settlement_no IS NULL THEN 0 ELSE 1 END AS FLOAT) AS elsewhere,
    CAST(-w.gap_seconds AS FLOAT) AS swipe,
    CAST(y.unprepared AS FLOAT) AS unprepared,
    CAST(-round(1e5 * y.step) / 1e5 AS FLOAT) AS like_bill
FROM gaps AS g
LEFT JOIN departure_items AS t USING (settlement_no)
LEFT JOIN away AS a USING (settlement_no)
LEFT JOIN stayed AS y USING (settlement_no)
LEFT JOIN (SELECT to_no, min(gap_seconds) AS gap_seconds FROM next_swipe GROUP BY to_no) AS w ON w.to_no = g.settlement_no

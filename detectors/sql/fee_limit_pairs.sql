-- Services of one person that follow closely at houses where amounts heap below a limit: with whether each of a pair stays
-- below it, and whether the two bills are one bill. A bill more than half of which is one thing taken once is the price of
-- a package; equal things in equal numbers are the same service again, and neither was cut from another.
WITH shares AS (
    -- of each person's services the share below the limit: each person speaks once, however often he came
    SELECT
        c.cell, s.person_no,
        avg(CAST(s.amount_fen <= c.limit_fen AND s.amount_fen > c.limit_fen * (1 - $width) AS INTEGER)) AS share
    FROM fee_services AS s JOIN fee_cells AS c USING (side, site_no)
    GROUP BY c.cell, s.person_no
),
everybody AS (SELECT cell, sum(share) AS share, count(*) AS persons FROM shares GROUP BY cell),
followed AS (
    SELECT
        c.cell, s.person_no, s.settlement_no, s.amount_fen, c.limit_fen, s.to_day,
        lead(s.settlement_no) OVER w AS next_no, lead(s.amount_fen) OVER w AS next_fen, lead(s.from_day) OVER w AS next_day,
        CASE WHEN s.side IN ('stay', 'fund') THEN $most_gap_stays ELSE $most_gap_visits END AS most_gap
    FROM fee_services AS s JOIN fee_cells AS c USING (side, site_no)
    WINDOW w AS (PARTITION BY c.cell, s.person_no ORDER BY s.from_day, s.to_day, s.settlement_no)
),
pairs AS MATERIALIZED (
    SELECT
        cell, person_no, settlement_no, next_no,
        amount_fen <= limit_fen AND amount_fen > limit_fen * (1 - $width) AS is_first,
        next_fen <= limit_fen AND next_fen > limit_fen * (1 - $width) AS is_second, amount_fen = next_fen AS is_same
    FROM followed
    WHERE next_day - to_day BETWEEN 0 AND CAST(most_gap AS INTEGER)
),
asked AS (
    SELECT settlement_no FROM pairs WHERE is_first AND is_second
    UNION
    SELECT next_no FROM pairs WHERE is_first AND is_second
),
items AS (
    SELECT l.settlement_no, l.item_code, round(sum(l.quantity), 3) AS quantity, sum(l.amount_fen) AS amount_fen
    FROM lines AS l JOIN asked USING (settlement_no)
    GROUP BY l.settlement_no, l.item_code
),
bills AS (
    SELECT
        settlement_no, md5(string_agg(item_code || ':' || quantity, ',' ORDER BY item_code)) AS bill,
        coalesce(2 * max(amount_fen) FILTER (WHERE quantity <= 1) > sum(amount_fen), FALSE) AS is_package
    FROM items GROUP BY settlement_no
)
SELECT
    p.cell, p.person_no, p.settlement_no, p.next_no, p.is_first, p.is_second,
    p.is_same OR coalesce(a.bill = b.bill, FALSE) OR coalesce(a.is_package, FALSE) OR coalesce(b.is_package, FALSE) AS is_price,
    round((e.share - h.share + 0.5) / e.persons, 9) AS share_of_others
FROM pairs AS p
JOIN shares AS h USING (cell, person_no)
JOIN everybody AS e USING (cell)
LEFT JOIN bills AS a ON a.settlement_no = p.settlement_no
LEFT JOIN bills AS b ON b.settlement_no = p.next_no
ORDER BY ALL

-- Different amounts of a house close to each limit: just below it, just above it, and twice as far on either side, which
-- tell how many a smooth density would put below; and how many different amounts the house has at all.
WITH sizes AS (SELECT side, site_no, count(*) AS amounts FROM fee_amounts GROUP BY side, site_no)
SELECT
    l.side, l.level, l.limit_fen, a.site_no,
    count(*) FILTER (WHERE a.amount_fen <= l.limit_fen AND a.amount_fen > l.limit_fen * (1 - $width)) AS below,
    count(*) FILTER (WHERE a.amount_fen > l.limit_fen AND a.amount_fen <= l.limit_fen * (1 + $width)) AS above,
    count(*) FILTER (
        WHERE a.amount_fen <= l.limit_fen * (1 - $width) OR a.amount_fen > l.limit_fen * (1 + $width)
    ) AS around,
    any_value(z.amounts) AS amounts
FROM fee_amounts AS a
JOIN fee_limits AS l
    ON l.side = a.side AND l.level = a.level
    AND a.amount_fen > l.limit_fen * (1 - 3 * $width) AND a.amount_fen <= l.limit_fen * (1 + 3 * $width)
JOIN sizes AS z ON z.side = a.side AND z.site_no = a.site_no
GROUP BY l.side, l.level, l.limit_fen, a.site_no
ORDER BY ALL

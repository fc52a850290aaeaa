-- The terminal its operator was signed in at; sign-ins that were never closed end after one day.
WITH open_sign_ins AS (
    -- of several at one moment, the terminal with the smallest number
    SELECT
        site_no, handler_no, from_at, min(terminal_no) AS terminal_no,
        arg_min(until_at, (terminal_no, until_at)) AS until_at
    FROM (
        SELECT site_no, handler_no, terminal_no, from_at, coalesce(until_at, from_at + INTERVAL 1 DAY) AS until_at
        FROM sign_ins
        WHERE terminal_no IS NOT NULL AND handler_no IS NOT NULL
    )
    GROUP BY site_no, handler_no, from_at
),
latest AS (
    SELECT s.settlement_no, s.settled_at, o.terminal_no, o.until_at
    FROM (
        SELECT settlement_no, site_no, handler_no, settled_at
        FROM settlements
        WHERE handler_no IS NOT NULL AND has_clock
    ) AS s
    ASOF JOIN open_sign_ins AS o
        ON s.site_no = o.site_no AND s.handler_no = o.handler_no AND s.settled_at >= o.from_at
)
SELECT settlement_no, terminal_no
FROM latest
WHERE settled_at <= until_at

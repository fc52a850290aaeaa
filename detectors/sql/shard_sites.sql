-- The site that a shard begins with and those that share most visitors with it, as many as stay below the number of events.
WITH sized AS (SELECT site_no, count(*) AS n FROM unshuffled GROUP BY site_no),
visitors AS (SELECT DISTINCT person_no FROM unshuffled WHERE site_no = $first),
near AS (
    SELECT u.site_no, count(DISTINCT u.person_no) AS shared
    FROM unshuffled AS u SEMI JOIN visitors AS v ON v.person_no = u.person_no
    GROUP BY u.site_no
),
ordered AS (
    SELECT
        s.site_no,
        sum(s.n) OVER (
            ORDER BY s.site_no <> $first, coalesce(r.shared, 0) DESC, s.site_no ROWS UNBOUNDED PRECEDING
        ) AS up_to
    FROM sized AS s LEFT JOIN near AS r ON r.site_no = s.site_no
    WHERE s.n <= $events
)
SELECT site_no FROM ordered WHERE up_to <= $events OR site_no = $first ORDER BY site_no

-- What the sites' volumes alone would give, and the pairs that stand out against it as far as the final cut asks:
-- habits can only add to the expectation. Summed as whole billionths, so that no order of addition shows in the result.
WITH expected AS (
    SELECT
        p.person_a, p.person_b, any_value(p.days) AS days,
        sum(CAST(a.n * b.n * w.meeting_rate * 1e9 AS BIGINT)) / 1e9 AS by_volume
    FROM pair_days AS p
    JOIN co_visit_counts AS a ON a.person_no = p.person_a
    JOIN co_visit_counts AS b ON b.person_no = p.person_b AND b.site_no = a.site_no
    JOIN site_windows AS w ON w.site_no = a.site_no
    WHERE p.person_a % $shards = $shard
    GROUP BY p.person_a, p.person_b
)
SELECT person_a, person_b, days, by_volume
FROM expected
WHERE days > by_volume AND days * ln(days / greatest(by_volume, 0.05)) - (days - greatest(by_volume, 0.05)) >= 2.5

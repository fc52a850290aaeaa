-- What the sites' volumes alone would give, and the pairs that stand out against it (llr ≥ 2 nats: a loose cut, since
-- evidence is pooled over the group later).
WITH expected AS (
    SELECT p.person_a, p.person_b, any_value(p.days) AS days, sum(a.n * b.n * w.meeting_rate) AS by_volume
    FROM pair_days AS p
    JOIN co_visit_counts AS a ON a.person_no = p.person_a
    JOIN co_visit_counts AS b ON b.person_no = p.person_b AND b.site_no = a.site_no
    JOIN site_windows AS w ON w.site_no = a.site_no
    WHERE p.person_a % $shards = $shard
    GROUP BY p.person_a, p.person_b
)
SELECT person_a, person_b, days, by_volume
FROM expected
WHERE days > by_volume AND days * ln(days / greatest(by_volume, 1e-3)) - (days - by_volume) >= 2

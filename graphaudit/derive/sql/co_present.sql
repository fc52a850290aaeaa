-- Pairs that neither the sites' volumes nor both persons' calendars explain. The expectation is the largest of the
-- volume's and each habit's; from a habit, the observed meetings themselves are left out (they would otherwise explain
-- themselves), and 0.05 keeps two strangers' expectation from vanishing. `cycles` is how often a habit's slot came
-- round at the site. Summed as whole billionths, so that no order of addition shows in the result.
WITH periods(habit, period) AS (VALUES (0, 7.0), (1, 28.0), (2, 30.0), (3, 30.4), (4, 10.1)),
met_in_slot AS (
    SELECT s.person_a, s.person_b, s.site_no, x.slot // 100000 AS habit, sum(x.n * y.n) AS n
    FROM pair_sites AS s
    JOIN habits AS x ON x.person_no = s.rarer AND x.site_no = s.site_no
    JOIN habits AS y ON y.person_no = s.other AND y.site_no = s.site_no AND y.slot = x.slot
    WHERE s.person_a % $shards = $shard
    GROUP BY s.person_a, s.person_b, s.site_no, x.slot // 100000
),
with_cycles AS (
    SELECT m.person_a, m.person_b, m.habit, m.n, greatest(w.span_days, 28) / CAST(h.period AS DOUBLE) AS cycles
    FROM met_in_slot AS m
    JOIN site_windows AS w ON w.site_no = m.site_no
    JOIN periods AS h ON h.habit = m.habit
),
by_habit AS (
    SELECT person_a, person_b, habit, sum(CAST(n * 1e9 / cycles AS BIGINT)) / 1e9 AS total, max(cycles) AS cycles
    FROM with_cycles
    GROUP BY person_a, person_b, habit
),
strongest AS (
    SELECT h.person_a, h.person_b, max(greatest(h.total - p.days / h.cycles, 0)) AS by_habit
    FROM by_habit AS h
    JOIN pair_volume AS p ON p.person_a = h.person_a AND p.person_b = h.person_b
    GROUP BY h.person_a, h.person_b
),
tested AS (
    SELECT
        p.person_a, p.person_b, p.days,
        greatest(p.by_volume, coalesce(h.by_habit, 0), 0.05) AS expected
    FROM pair_volume AS p
    LEFT JOIN strongest AS h ON h.person_a = p.person_a AND h.person_b = p.person_b
    WHERE p.person_a % $shards = $shard
)
SELECT
    t.person_a, t.person_b, t.days, t.expected,
    t.days * ln(t.days / t.expected) - (t.days - t.expected) AS llr,
    coalesce(a.household_no = b.household_no, FALSE)
    OR coalesce(a.probable_household_no = b.probable_household_no, FALSE) AS same_household
FROM tested AS t
JOIN persons AS a ON a.person_no = t.person_a
JOIN persons AS b ON b.person_no = t.person_b
WHERE t.days > t.expected AND t.days * ln(t.days / t.expected) - (t.days - t.expected) >= 2.5

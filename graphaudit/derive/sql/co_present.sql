-- Pairs that neither the sites' volumes nor both persons' calendars explain. The expectation is the largest of the
-- volume's and each habit's; from a habit, the observed meetings themselves are left out (they would otherwise explain
-- themselves), and 0.05 keeps two strangers' expectation from vanishing.
WITH by_habit AS (
    SELECT p.person_a, p.person_b, a.habit, sum(a.n * b.n / a.cycles) AS total, max(a.cycles) AS cycles
    FROM pair_volume AS p
    JOIN habits AS a ON a.person_no = p.person_a
    JOIN habits AS b
        ON b.person_no = p.person_b AND b.habit = a.habit AND b.site_no = a.site_no AND b.slot = a.slot
    WHERE p.person_a % $shards = $shard
    GROUP BY p.person_a, p.person_b, a.habit
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

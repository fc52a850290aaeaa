-- Pairs of persons who met on at least two days, counting one meeting a pair and day; $shard of $shards by the
-- smaller number keeps memory bounded whatever the size of the city.
SELECT person_a, person_b, count(DISTINCT day) AS days
FROM (
    SELECT a.person_no AS person_a, b.person_no AS person_b, a.day
    FROM co_visits AS a
    JOIN co_visits AS b
        ON b.site_no = a.site_no AND b.day = a.day AND b.bucket = a.bucket AND a.person_no < b.person_no
    WHERE a.person_no % $shards = $shard
    UNION ALL
    SELECT least(a.person_no, b.person_no), greatest(a.person_no, b.person_no), a.day
    FROM co_visits AS a
    JOIN co_visits AS b ON b.site_no = a.site_no AND b.day = a.day AND b.bucket = a.bucket + 1
    WHERE a.window_minutes < 1440 AND a.person_no <> b.person_no
      AND b.minute - a.minute <= a.window_minutes
      AND least(a.person_no, b.person_no) % $shards = $shard
)
GROUP BY person_a, person_b
HAVING count(DISTINCT day) >= 2

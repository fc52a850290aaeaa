-- Pairs of persons who met on at least two days, counting one meeting a pair and day; $shard of $shards by the
-- smaller number keeps memory bounded whatever the size of the city. At sites with a short window, the neighbouring
-- buckets are looked at too. Two persons with one row each on a day meet at most once on it: only the meetings of the
-- others, which are few, have to be told apart.
WITH seeking AS (
    SELECT
        person_no, site_no, day, minute, reach_minutes, only_one,
        unnest(CASE WHEN reach_minutes = 1440 THEN [bucket] ELSE [bucket - 1, bucket, bucket + 1] END) AS bucket
    FROM co_visits
    WHERE person_no % $shards = $shard
),
meetings AS (
    SELECT a.person_no AS person_a, b.person_no AS person_b, a.day
    FROM seeking AS a
    JOIN co_visits AS b
        ON b.site_no = a.site_no AND b.day = a.day AND b.bucket = a.bucket AND a.person_no < b.person_no
       AND abs(b.minute - a.minute) <= a.reach_minutes
    WHERE a.only_one AND b.only_one
    UNION ALL
    SELECT DISTINCT person_a, person_b, day
    FROM (
        SELECT a.person_no AS person_a, b.person_no AS person_b, a.day
        FROM seeking AS a
        JOIN co_visits AS b
            ON b.site_no = a.site_no AND b.day = a.day AND b.bucket = a.bucket AND a.person_no < b.person_no
           AND abs(b.minute - a.minute) <= a.reach_minutes
        WHERE NOT a.only_one
        UNION ALL
        SELECT a.person_no, b.person_no, a.day
        FROM seeking AS a
        JOIN co_visits AS b
            ON b.site_no = a.site_no AND b.day = a.day AND b.bucket = a.bucket AND a.person_no < b.person_no
           AND abs(b.minute - a.minute) <= a.reach_minutes
        WHERE a.only_one AND NOT b.only_one
    )
)
SELECT person_a, person_b, count(*) AS days
FROM meetings
GROUP BY person_a, person_b
HAVING count(*) >= 2

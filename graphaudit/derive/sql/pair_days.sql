-- Pairs of persons who met on at least two days, counting one meeting a pair and day; $shard of $shards by the
-- smaller number keeps memory bounded whatever the size of the city. At sites with a short window, the neighbouring
-- buckets are looked at too.
WITH seeking AS (
    SELECT
        person_no, site_no, day, minute, window_minutes,
        unnest(CASE WHEN window_minutes = 1440 THEN [bucket] ELSE [bucket - 1, bucket, bucket + 1] END) AS bucket
    FROM co_visits
    WHERE person_no % $shards = $shard
),
meetings AS (
    SELECT DISTINCT a.person_no AS person_a, b.person_no AS person_b, a.day
    FROM seeking AS a
    JOIN co_visits AS b
        ON b.site_no = a.site_no AND b.day = a.day AND b.bucket = a.bucket AND a.person_no < b.person_no
       AND abs(b.minute - a.minute) <= a.window_minutes
)
SELECT person_a, person_b, count(*) AS days
FROM meetings
GROUP BY person_a, person_b
HAVING count(*) >= 2

-- Stays in a bed that somebody else was given on the same nights, in a house with far more heads than approved beds.
-- Heads are counted night by night from admissions and discharges. Approved beds are a matter of the register: where
-- half of all houses with beds are over theirs on some nights, the register or the feed is wrong, and nobody is.
WITH stays AS MATERIALIZED (
    SELECT
        s.settlement_no, s.person_no, s.site_no, coalesce(s.doctor_no, -1) AS doctor_no, s.bed,
        CAST(s.begin_at AS DATE) AS from_day, CAST(s.end_at AS DATE) AS to_day
    FROM settlements AS s
    WHERE s.is_event AND NOT s.is_manual AND s.kind IN ('inpatient', 'maternity')
      AND CAST(s.end_at AS DATE) > CAST(s.begin_at AS DATE)
),
changes AS (
    SELECT site_no, on_day, sum(step) AS step
    FROM (
        SELECT site_no, from_day AS on_day, 1 AS step FROM stays
        UNION ALL
        SELECT site_no, to_day, -1 FROM stays
    )
    GROUP BY site_no, on_day
),
periods AS (
    -- heads stay the same until the next change
    SELECT site_no, on_day, sum(step) OVER w AS heads, lead(on_day) OVER w AS until_day
    FROM changes WINDOW w AS (PARTITION BY site_no ORDER BY on_day)
),
crowds AS (
    SELECT p.site_no, p.on_day, p.until_day, p.heads, x.beds
    FROM periods AS p JOIN sites AS x USING (site_no)
    WHERE x.beds > 0 AND p.until_day IS NOT NULL AND p.heads > $most_ratio * x.beds
),
houses AS (
    SELECT site_no, sum(date_diff('day', on_day, until_day)) AS nights, max(heads) AS most_heads, any_value(beds) AS beds
    FROM crowds GROUP BY site_no
),
trusted AS (
    SELECT count(*) < 0.5 * (SELECT count(DISTINCT site_no) FROM stays JOIN sites USING (site_no) WHERE beds > 0) AS holds
    FROM houses
),
over AS (
    SELECT h.* FROM houses AS h CROSS JOIN trusted AS t WHERE t.holds AND h.nights >= CAST($least_nights AS INTEGER)
),
doubled AS (
    SELECT a.settlement_no, a.person_no, a.site_no, a.doctor_no
    FROM stays AS a SEMI JOIN over AS o ON o.site_no = a.site_no
    WHERE a.bed IS NOT NULL
      AND EXISTS (
          SELECT 1 FROM stays AS b
          WHERE b.site_no = a.site_no AND b.bed = a.bed AND b.person_no <> a.person_no
            AND b.from_day < a.to_day AND a.from_day < b.to_day
      )
      AND EXISTS (
          SELECT 1 FROM crowds AS c WHERE c.site_no = a.site_no AND c.on_day < a.to_day AND a.from_day < c.until_day
      )
),
seen AS (SELECT site_no, doctor_no, count(DISTINCT person_no) AS n FROM stays GROUP BY site_no, doctor_no),
in_site AS (SELECT site_no, sum(n) AS n FROM seen GROUP BY site_no)
SELECT
    d.person_no, d.settlement_no, d.site_no, d.doctor_no, 'crowded' AS side, s.n AS doctor_n, x.n AS site_n,
    (SELECT sum(n) FROM seen) AS city_n, (SELECT count(*) FROM seen) + (SELECT count(*) FROM in_site) AS cells,
    o.nights, o.most_heads, o.beds
FROM doubled AS d
JOIN over AS o USING (site_no)
JOIN seen AS s USING (site_no, doctor_no)
JOIN in_site AS x USING (site_no)
ORDER BY d.settlement_no

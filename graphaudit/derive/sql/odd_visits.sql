-- Visits that are odd for the person who made them, by five measures against the same person's other visits, each in
-- nats or between 0 and 1:
--   the site        -ln of its share of the person's visits;
--   the fee         log fee beyond the other visits', given the kind of place and service;
--   the credential  share of the visits made with another kind;
--   the drugs       share of the items that the person bought in no other visit;
--   sampled drugs   share of the items that patients buy on and on and this person only now and then.
-- `odd_p` is the share of visits that are at least as odd, in the city or at the site, whichever is more: a site where
-- everything looks odd (newly opened, a campaign, a fault of its feed) is judged by its own rate.
WITH visits AS (
    SELECT
        s.person_no, s.settlement_no, s.site_no, s.day, c.kind AS credential,
        ln(greatest(s.total_fen, 1)) - avg(ln(greatest(s.total_fen, 1))) OVER (PARTITION BY x.kind, s.kind, x.level) AS fee
    FROM settlements AS s
    JOIN sites AS x ON x.site_no = s.site_no
    LEFT JOIN cards AS c ON c.card_no = s.card_no
    WHERE s.is_event AND NOT s.is_manual AND s.kind NOT IN ('inpatient', 'maternity')
),
compared AS (
    SELECT
        *,
        count(*) OVER person AS n,
        count(*) OVER (PARTITION BY person_no, site_no) AS here,
        count(*) OVER (PARTITION BY person_no, credential) AS with_credential,
        -- mean of the other visits, shrunk to the city's by one visit
        (sum(fee) OVER person - fee) / count(*) OVER person AS usual_fee
    FROM visits
    WINDOW person AS (PARTITION BY person_no)
),
bought AS (
    SELECT s.person_no, l.settlement_no, s.day, l.item_code
    FROM lines AS l JOIN settlements AS s USING (settlement_no)
    WHERE l.is_drug
    GROUP BY s.person_no, l.settlement_no, s.day, l.item_code
),
courses AS (
    SELECT person_no, item_code, count(*) AS times, min(day) AS first_day, max(day) AS last_day
    FROM bought GROUP BY person_no, item_code
),
-- drugs that at least half of their buyers buy on and on, and the days between two purchases
regular AS (
    SELECT item_code, median((last_day - first_day) / (times - 1)) FILTER (WHERE times >= 3) AS step
    FROM courses
    GROUP BY item_code
    HAVING count(*) >= 20 AND 2 * count(*) FILTER (WHERE times >= 3) >= count(*)
),
kept AS (
    SELECT
        c.person_no, c.item_code, c.times,
        -- at most a third of the refills that were due by now followed the first purchase
        coalesce((e.last_day - c.first_day) / r.step >= 1.5 AND c.times - 1 <= (e.last_day - c.first_day) / r.step / 3, FALSE)
            AS is_sampled
    FROM courses AS c
    CROSS JOIN (SELECT max(day) AS last_day FROM bought) AS e
    LEFT JOIN regular AS r USING (item_code)
),
drugs AS (
    SELECT
        b.settlement_no, avg(CASE WHEN k.times = 1 THEN 1.0 ELSE 0.0 END) AS foreign_share,
        avg(CASE WHEN k.is_sampled THEN 1.0 ELSE 0.0 END) AS sampled_share
    FROM bought AS b JOIN kept AS k USING (person_no, item_code)
    GROUP BY b.settlement_no
),
scored AS (
    SELECT
        -- rounded, so that the order of summing does not show
        c.person_no, c.settlement_no, c.site_no, c.day, round(c.fee - c.usual_fee, 6) AS fee_gap,
        coalesce(c.credential IS NOT NULL AND c.with_credential < 0.4 * c.n, FALSE) AS unusual_credential,
        -- whole millionths, so that the order of summing does not decide a rank
        CAST(1e6 * (
            ln(c.n / c.here) + greatest(least(c.fee - c.usual_fee, 2), -1)
            + CASE WHEN c.credential IS NULL THEN 0 ELSE 1 - c.with_credential / c.n END
            + 0.6 * coalesce(d.foreign_share, 0.5) + 1.5 * coalesce(d.sampled_share, 0)
        ) AS BIGINT) AS odd
    FROM compared AS c LEFT JOIN drugs AS d USING (settlement_no)
    WHERE c.n > 2
),
ranked AS (
    SELECT
        *,
        greatest(
            -- equals count: where everybody pays the same for the same, nobody stands out
            count(*) OVER (ORDER BY odd DESC) / count(*) OVER (),
            -- ten visits are allowed: a few gathered cards must not make a small site look odd as a whole
            greatest(count(*) OVER (PARTITION BY site_no ORDER BY odd DESC) - 10, 1)
            / (count(*) OVER (PARTITION BY site_no) + 10)
        ) AS odd_p
    FROM scored
)
SELECT settlement_no, person_no, site_no, day, fee_gap, unusual_credential, odd_p
FROM ranked
WHERE odd_p <= 0.4

-- Stream "odd": visits with the share of visits that are at least as odd (derived table odd_visits); two of them at one
-- site within a day of each other are a meeting. `place` counts the settlements that the site made up to this one.
WITH numbered AS (
    SELECT settlement_no, row_number() OVER (PARTITION BY site_no ORDER BY settled_at, settlement_no) AS place
    FROM settlements
    WHERE is_event AND NOT is_manual AND kind NOT IN ('inpatient', 'maternity')
)
SELECT
    o.person_no, o.settlement_no, o.site_no, o.day, CAST(o.day AS BIGINT) * 86400 AS at_s, 86400 AS window_s,
    n.place, o.fee_gap, o.unusual_credential, o.odd_p
FROM odd_visits AS o JOIN numbered AS n USING (settlement_no)

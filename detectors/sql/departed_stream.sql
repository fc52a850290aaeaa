-- Stream "departed": every settlement with the share of settlements that depart as much; two at one site within a day of
-- each other are a meeting. `place` counts the settlements that the site made up to this one.
WITH numbered AS (
    SELECT settlement_no, row_number() OVER (PARTITION BY site_no ORDER BY settled_at, settlement_no) AS place
    FROM settlements
    WHERE is_event AND NOT is_manual
)
SELECT
    d.person_no, d.settlement_no, d.site_no, d.day, CAST(d.day AS BIGINT) * 86400 AS at_s, 86400 AS window_s,
    n.place, d.fee_gap, d.unusual_credential, d.odd_p
FROM departures AS d JOIN numbered AS n USING (settlement_no)
WHERE d.odd_p <= 0.4

-- What was charged in one piece, and so may be kept below a limit: stays by their total and by what the fund paid, visits and
-- purchases by their total. Services of a registered plan (dialysis, infusions) have the price of the plan.
WITH settled AS (
    SELECT
        s.settlement_no, s.person_no, s.site_no, coalesce(x.level, '') AS level, s.kind, x.kind AS place,
        CAST(date_diff('day', DATE '1970-01-01', CAST(s.begin_at AS DATE)) AS INTEGER) AS from_day,
        CAST(date_diff('day', DATE '1970-01-01', CAST(s.end_at AS DATE)) AS INTEGER) AS to_day,
        s.total_fen, s.fund_fen
    FROM settlements AS s JOIN sites AS x USING (site_no)
    WHERE s.is_event AND NOT s.is_manual AND s.kind IN ('inpatient', 'outpatient', 'pharmacy')
)
SELECT 'stay' AS side, level, site_no, person_no, settlement_no, from_day, to_day, total_fen AS amount_fen
FROM settled WHERE kind = 'inpatient' AND total_fen >= 50000
UNION ALL
SELECT 'fund', level, site_no, person_no, settlement_no, from_day, to_day, fund_fen
FROM settled WHERE kind = 'inpatient' AND fund_fen >= 50000
UNION ALL
SELECT 'visit', level, site_no, person_no, settlement_no, from_day, to_day, total_fen
FROM settled WHERE kind = 'outpatient' AND place <> 'pharmacy' AND total_fen >= 5000
UNION ALL
SELECT 'purchase', level, site_no, person_no, settlement_no, from_day, to_day, total_fen
FROM settled WHERE place = 'pharmacy' AND total_fen >= 5000

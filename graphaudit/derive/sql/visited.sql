-- All settlements of a person at a site.
SELECT
    person_no, site_no, count(*) AS n, min(day) AS first_day, max(day) AS last_day,
    sum(total_fen - refunded_fen) AS total_fen, sum(fund_fen - refunded_fund_fen) AS fund_fen
FROM settlements
WHERE is_event
GROUP BY person_no, site_no

-- Per house and kind of service how many different amounts stand in each hundredth of a logarithm: where many houses of a
-- level have few just above what many have just below, a limit may be in force that nobody told us.
SELECT side, level, site_no, CAST(floor(100 * ln(amount_fen)) AS INTEGER) AS bin, count(*) AS n
FROM fee_amounts
GROUP BY ALL
ORDER BY ALL

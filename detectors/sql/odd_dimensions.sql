-- Of the settlements that depart most in all dimensions together: how many with each set of departures.
SELECT flags, count(*) AS n FROM stream JOIN departures USING (settlement_no) GROUP BY flags ORDER BY flags

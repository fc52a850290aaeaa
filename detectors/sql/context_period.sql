-- One site in one fortnight, stays apart.
SELECT (CAST(site_no AS BIGINT) * 100000 + day // 14) * 2 + CASE service WHEN 'stay' THEN 1 ELSE 0 END AS key, settlement_no
FROM departures WHERE service <> 'paper'

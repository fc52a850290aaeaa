-- Per site, service and set of departures: how many settlements.
SELECT site_no, service_no, flags, count(*) AS n FROM departures GROUP BY site_no, service_no, flags ORDER BY ALL

-- Per context, household, site, service and set of departures: how many settlements. Contexts of fewer than $least_units
-- households that depart in anything are left out.
WITH held AS (
    SELECT c.key, d.unit_no, d.site_no, d.service_no, d.flags, count(*) AS n
    FROM context AS c JOIN departures AS d USING (settlement_no)
    GROUP BY c.key, d.unit_no, d.site_no, d.service_no, d.flags
),
enough AS (
    SELECT key FROM held WHERE flags <> 0 GROUP BY key HAVING count(DISTINCT unit_no) >= $least_units
)
SELECT key, unit_no, site_no, service_no, n, flags FROM held SEMI JOIN enough USING (key)
ORDER BY key, unit_no, site_no, service_no, flags

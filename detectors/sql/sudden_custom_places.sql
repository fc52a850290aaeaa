-- How far from a site the middle of a customer's other places is (km), for customers of $least_days settlements or more;
-- whether it was new to him (`arrivals`), and whether he has other business within a kilometre from then on. Where a site
-- stands must be known.
WITH placed AS (
    SELECT v.person_no, v.site_no, v.n, v.first_day, v.last_day, x.longitude, x.latitude
    FROM visited AS v JOIN sites AS x USING (site_no)
    WHERE x.longitude IS NOT NULL AND x.latitude IS NOT NULL
),
-- whole millionths of a degree, so that the order of summing does not show
middles AS (
    SELECT
        person_no, count(*) AS places, sum(CAST(longitude * 1e6 AS BIGINT)) AS longitudes,
        sum(CAST(latitude * 1e6 AS BIGINT)) AS latitudes
    FROM placed GROUP BY person_no HAVING count(*) >= 2
),
customers AS (
    SELECT
        p.*, (m.longitudes - CAST(p.longitude * 1e6 AS BIGINT)) / (m.places - 1) / 1e6 AS middle_longitude,
        (m.latitudes - CAST(p.latitude * 1e6 AS BIGINT)) / (m.places - 1) / 1e6 AS middle_latitude
    FROM placed AS p JOIN middles AS m USING (person_no)
    WHERE p.n >= $least_days
),
busy AS (
    SELECT DISTINCT a.person_no, a.site_no
    FROM arrivals AS a
    JOIN placed AS x ON x.person_no = a.person_no AND x.site_no = a.site_no
    JOIN placed AS o ON o.person_no = a.person_no AND o.site_no <> a.site_no AND o.last_day >= a.day
    WHERE km_between(x.latitude, x.longitude, o.latitude, o.longitude) <= 1
)
SELECT
    c.person_no, c.site_no, a.day,
    round(km_between(c.latitude, c.longitude, c.middle_latitude, c.middle_longitude), 6) AS km,
    b.person_no IS NOT NULL AS has_business
FROM customers AS c
LEFT JOIN arrivals AS a ON a.person_no = c.person_no AND a.site_no = c.site_no
LEFT JOIN busy AS b ON b.person_no = c.person_no AND b.site_no = c.site_no
ORDER BY c.person_no, c.site_no

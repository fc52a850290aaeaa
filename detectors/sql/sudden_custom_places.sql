-- Of those who began to come to a site: how far the middle of their other places is (km), and whether they have other
-- business within a kilometre of it from then on. Where a site stands must be known.
WITH others AS (
    SELECT
        a.person_no, a.site_no, v.last_day >= a.day AS is_later, o.longitude, o.latitude,
        111.2 * sqrt(
            pow(x.latitude - o.latitude, 2)
            + pow((x.longitude - o.longitude) * cos(radians((x.latitude + o.latitude) / 2)), 2)
        ) AS km
    FROM arrivals AS a
    JOIN sites AS x USING (site_no)
    JOIN visited AS v ON v.person_no = a.person_no AND v.site_no <> a.site_no
    JOIN sites AS o ON o.site_no = v.site_no
    WHERE x.longitude IS NOT NULL AND x.latitude IS NOT NULL AND o.longitude IS NOT NULL AND o.latitude IS NOT NULL
)
SELECT person_no, site_no, round(median(km), 6) AS km, bool_or(is_later AND km <= 1) AS has_business
FROM others
GROUP BY person_no, site_no
ORDER BY person_no, site_no

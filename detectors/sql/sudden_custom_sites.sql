-- Where sites stand, whose they are, and whether their own feed leaves out half days.
SELECT
    x.site_no, x.kind, coalesce(x.level, '') AS level, x.longitude, x.latitude, x.chain_id,
    f.site_no IS NOT NULL AS has_gaps
FROM sites AS x LEFT JOIN (SELECT DISTINCT site_no FROM site_faults WHERE fault = 'missing_half_days') AS f USING (site_no)
ORDER BY x.site_no

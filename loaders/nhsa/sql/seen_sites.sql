-- makes: view seen_sites
-- What the last settlement at a site says about the site, else the last visit.
WITH settling AS (
    SELECT fixmedins_code AS site, max({'at': coalesce(setl_time, begndate), 'id': setl_id, 'name': fixmedins_name,
        'level': hosp_lv, 'division': fix_blng_admdvs}) AS row
    FROM clean.setl_d GROUP BY fixmedins_code
), visiting AS (
    SELECT fixmedins_code AS site, max({'at': begntime, 'id': mdtrt_id, 'name': fixmedins_name, 'level': hosp_lv,
        'division': fix_blng_admdvs}) AS row
    FROM clean.mdtrt_d GROUP BY fixmedins_code
), sold AS (
    SELECT fixmedins_code AS site, avg((kind = 'pharmacy')::INTEGER) > 0.5 AS sells FROM settled GROUP BY fixmedins_code
)
SELECT s.site, coalesce(s.row.name, v.row.name) AS name, coalesce(s.row.level, v.row.level) AS level,
    coalesce(s.row.division, v.row.division) AS division, p.sells
FROM settling s
LEFT JOIN visiting v ON v.site = s.site
LEFT JOIN sold p ON p.site = s.site

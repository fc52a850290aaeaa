-- Of the purchases in group_settlements that followed a visit, per group: how many there are, and how many were made at
-- the pharmacy nearest to where the visit was. Pharmacies a quarter farther than the nearest, or a hundred metres, are as
-- near.
WITH told AS (
    SELECT DISTINCT g.group_no, f.purchase_no, f.institution_no, f.site_no
    FROM group_settlements AS g JOIN fills AS f ON f.purchase_no = g.settlement_no
),
away AS (
    SELECT i.site_no AS institution_no, p.site_no, km_between(i.latitude, i.longitude, p.latitude, p.longitude) AS km
    FROM (SELECT DISTINCT institution_no AS site_no FROM told) AS t
    JOIN sites AS i USING (site_no)
    JOIN sites AS p ON p.kind = 'pharmacy'
    WHERE i.latitude IS NOT NULL AND i.longitude IS NOT NULL AND p.latitude IS NOT NULL AND p.longitude IS NOT NULL
),
nearest AS (SELECT institution_no, min(km) AS km FROM away GROUP BY institution_no)
SELECT t.group_no, count(*) AS purchases, count(*) FILTER (a.km <= greatest(1.25 * n.km, n.km + 0.1)) AS next_door
FROM told AS t
JOIN nearest AS n USING (institution_no)
JOIN away AS a USING (institution_no, site_no)
GROUP BY t.group_no
ORDER BY t.group_no

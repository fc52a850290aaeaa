WITH seen AS (
    SELECT d.doctor_no, count(DISTINCT s.site_no) AS sites
    FROM settlement_doctors AS d
    JOIN settlements AS s ON s.settlement_no = d.settlement_no
    GROUP BY d.doctor_no
)
SELECT d.doctor_id, d.speciality, d.multi_site, coalesce(seen.sites, 0) AS sites
FROM doctors AS d
LEFT JOIN seen ON seen.doctor_no = d.doctor_no

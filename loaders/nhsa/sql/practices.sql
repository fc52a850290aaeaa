-- makes: canonical practices
WITH registered AS (
    SELECT dr_code, medins_code AS site, cntr_begntime AS from_at, coalesce(cntr_endtime, nemp_time) AS until_at
    FROM clean.dr_info_b
    UNION ALL SELECT dr_code, main_pracins_no, NULL, nemp_time FROM clean.dr_info_b
    UNION ALL SELECT dr_code, fixmedins_code, begndate, enddate FROM clean.fixmedins_dept_dr_rlts_info_c
), entries AS (
    SELECT d.no AS doctor_no, s.no AS site_no, true AS registered, r.from_at::DATE AS from_on, r.until_at::DATE AS until_on,
        r.until_at IS NULL AS open
    FROM registered r JOIN key_doctor d ON d.value = r.dr_code JOIN key_site s ON s.value = r.site
    UNION ALL
    SELECT doctor_no, site_no, false, NULL, NULL, false FROM (
        SELECT DISTINCT doctor_no, site_no FROM canonical.settlements WHERE doctor_no IS NOT NULL
        UNION SELECT DISTINCT l.doctor_no, s.site_no
        FROM line_doctors l JOIN canonical.settlements s USING (settlement_no))
    WHERE site_no IN (SELECT site_no FROM canonical.sites WHERE kind = 'institution')
)
SELECT doctor_no, site_no, bool_or(registered) AS registered, min(from_on) AS from_on,
    CASE WHEN NOT bool_or(open) THEN max(until_on) END AS until_on
FROM entries GROUP BY doctor_no, site_no
ORDER BY doctor_no, site_no

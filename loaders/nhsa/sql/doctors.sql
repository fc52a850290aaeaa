-- makes: canonical doctors
WITH told AS (
    SELECT dr_code, max(coalesce(dr_prac_scp_name, dr_prac_type)) AS speciality,
        bool_or(coalesce(mul_prac_flag, false)) AS flagged, max(psn_no) AS psn_no FROM clean.dr_info_b GROUP BY dr_code
), placed AS (
    SELECT dr_code, max(psn_no) AS psn_no FROM clean.fixmedins_dept_dr_rlts_info_c GROUP BY dr_code
)
SELECT k.no AS doctor_no, k.value AS doctor_id, t.speciality, coalesce(t.flagged, false) AS multi_site,
    p.no AS person_no
FROM key_doctor k
LEFT JOIN told t ON t.dr_code = k.value
LEFT JOIN placed r ON r.dr_code = k.value
LEFT JOIN key_person p ON p.value = coalesce(t.psn_no, r.psn_no)
ORDER BY doctor_no

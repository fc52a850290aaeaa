-- makes: numbers key_doctor
SELECT known_doctor(code) FROM (
    SELECT doctor AS code FROM settled
    UNION SELECT bilg_dr_code FROM clean.fee_list_d
    UNION SELECT dr_code FROM clean.dr_info_b
    UNION SELECT dr_code FROM clean.fixmedins_dept_dr_rlts_info_c
    UNION SELECT diag_dr_code FROM clean.opsp_reg_d
)

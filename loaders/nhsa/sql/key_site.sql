-- makes: numbers key_site
SELECT fixmedins_code FROM settled
UNION SELECT fixmedins_code FROM clean.fixmedins_b
UNION SELECT medins_code FROM clean.medins_info_b
UNION SELECT rtal_phac_code FROM clean.rtal_phac_b
UNION SELECT fixmedins_code FROM clean.fixmedins_paus_d
UNION SELECT fixmedins_code FROM clean.fixmedins_sign_b
UNION SELECT fixmedins_code FROM clean.fixmedins_dept_dr_rlts_info_c
UNION SELECT medins_code FROM clean.dr_info_b
UNION SELECT ide_fixmedins_no FROM clean.opsp_reg_d
UNION SELECT fixmedins_code FROM clean.psn_fix_reg_d
UNION SELECT fixmedins_code FROM clean.selinfo_3505
UNION SELECT fixmedins_code FROM clean.selinfo_3513

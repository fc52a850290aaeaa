-- makes: numbers key_person P
SELECT psn_no FROM clean.setl_d
UNION SELECT psn_no FROM clean.mdtrt_d
UNION SELECT psn_no FROM clean.psn_info_b
UNION SELECT psn_no FROM clean.psn_insu_d
UNION SELECT psn_no FROM clean.opsp_reg_d
UNION SELECT psn_no FROM clean.psn_fix_reg_d
UNION SELECT psn_no FROM clean.cent_manl_reim_reg_d
UNION SELECT psn_no FROM clean.selinfo_3505
UNION SELECT psn_no FROM clean.selinfo_3513

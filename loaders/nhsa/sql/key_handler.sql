-- makes: numbers key_handler
SELECT handler FROM settled
UNION SELECT coalesce(crter_id, opter_id) FROM clean.cent_manl_reim_reg_d
UNION SELECT opter_id FROM clean.biz_gen_chk_d WHERE serv_matt_inst_id IN (SELECT matter FROM case_matters)
UNION SELECT coalesce(opter_id, crter_id) FROM clean.opsp_reg_d
UNION SELECT coalesce(opter_id, crter_id) FROM clean.psn_fix_reg_d
UNION SELECT fixmedins_code || ':' || coalesce(opter_id, crter_id) FROM clean.fixmedins_sign_b
UNION SELECT opter_no FROM clean.opt_psn_b

-- makes: numbers key_case
SELECT med_fee_reg_id FROM clean.cent_manl_reim_reg_d

-- makes: view case_matters
-- Which manual case a workflow matter belongs to; the smallest when an extract gives several.
SELECT matter, min(case_id) AS case_id FROM (
    SELECT serv_matt_inst_id AS matter, med_fee_reg_id AS case_id FROM clean.cent_manl_reim_reg_evt_c
    UNION ALL SELECT serv_matt_inst_id, med_fee_reg_id FROM clean.cent_manl_reim_reg_d
) WHERE matter IS NOT NULL AND case_id IN (SELECT med_fee_reg_id FROM clean.cent_manl_reim_reg_d)
GROUP BY matter

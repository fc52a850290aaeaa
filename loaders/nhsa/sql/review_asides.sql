-- makes: asides
SELECT 'biz_gen_chk_d', 'review of another business', count(*) FROM clean.biz_gen_chk_d
WHERE serv_matt_inst_id NOT IN (SELECT matter FROM case_matters)

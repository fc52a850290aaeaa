-- makes: exceptions psn_fix_reg_d
SELECT 'psn_fix_reg_d', file_no, line, true, 'trt_dcla_detl_sn', trt_dcla_detl_sn, false,
    'serial also used by a disease registration'
FROM clean.psn_fix_reg_d WHERE trt_dcla_detl_sn IN (SELECT trt_dcla_detl_sn FROM clean.opsp_reg_d)

-- A chronic condition that the beneficiary file knows is a registered chronic disease: 1 says yes, 2 says no.
WITH conditions AS (
    UNPIVOT (SELECT BeneID, COLUMNS('^ChronicCond_') FROM beneficiary)
    ON COLUMNS('^ChronicCond_') INTO NAME condition VALUE answer
)
SELECT
    BeneID || '-' || substr(condition, 13) AS trt_dcla_detl_sn, BeneID AS psn_no,
    substr(condition, 13) AS opsp_dise_code, substr(condition, 13) AS opsp_dise_name
FROM conditions
WHERE answer = 1
ORDER BY psn_no, trt_dcla_detl_sn

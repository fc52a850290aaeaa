-- One settlement a claim. The insurance pays the reimbursed amount, the person the deductible; together they are the
-- total. A claim of stays begins at admission and is settled on its last day; there is no moment of the day.
WITH claims AS (
    SELECT
        ClaimID, BeneID, Provider, ClaimEndDt, InscClaimAmtReimbursed, DeductibleAmtPaid, AttendingPhysician,
        ClmAdmitDiagnosisCode, ClmDiagnosisCode_1, '21' AS med_type, coalesce(AdmissionDt, ClaimStartDt) AS began,
        coalesce(DischargeDt, ClaimEndDt) AS ended
    FROM inpatient
    UNION ALL
    SELECT
        ClaimID, BeneID, Provider, ClaimEndDt, InscClaimAmtReimbursed, DeductibleAmtPaid, AttendingPhysician,
        ClmAdmitDiagnosisCode, ClmDiagnosisCode_1, '11', ClaimStartDt, ClaimEndDt
    FROM outpatient
)
SELECT
    ClaimID AS setl_id, ClaimID AS mdtrt_id, BeneID AS psn_no, Provider AS fixmedins_code,
    CAST(began AS DATE) AS begndate, CAST(ended AS DATE) AS enddate,
    CAST(greatest(ended, ClaimEndDt) AS DATE) AS setl_time, med_type,
    InscClaimAmtReimbursed + coalesce(DeductibleAmtPaid, 0) AS medfee_sumamt,
    InscClaimAmtReimbursed AS fund_pay_sumamt, coalesce(DeductibleAmtPaid, 0) AS psn_pay,
    coalesce(DeductibleAmtPaid, 0) AS cash_payamt, AttendingPhysician AS chfpdr_code,
    coalesce(ClmDiagnosisCode_1, ClmAdmitDiagnosisCode) AS dscg_maindiag_code
FROM claims
ORDER BY setl_id

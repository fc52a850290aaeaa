-- Lines say who did what: the group that the stay was paid by carries its whole amount and the attending physician;
-- procedures carry no price of their own and the operating physician. A physician who is named beside the others, or
-- who operated without a coded procedure, gets a line of their own, so that nobody who signed is lost.
WITH claims AS (
    SELECT
        ClaimID, AttendingPhysician, OperatingPhysician, OtherPhysician, DiagnosisGroupCode,
        InscClaimAmtReimbursed + coalesce(DeductibleAmtPaid, 0) AS total,
        [ClmProcedureCode_1, ClmProcedureCode_2, ClmProcedureCode_3, ClmProcedureCode_4, ClmProcedureCode_5,
         ClmProcedureCode_6] AS procedures
    FROM inpatient
    UNION ALL
    SELECT
        ClaimID, AttendingPhysician, OperatingPhysician, OtherPhysician, NULL,
        InscClaimAmtReimbursed + coalesce(DeductibleAmtPaid, 0),
        [ClmProcedureCode_1, ClmProcedureCode_2, ClmProcedureCode_3, ClmProcedureCode_4, ClmProcedureCode_5,
         ClmProcedureCode_6]
    FROM outpatient
),
done AS (
    SELECT ClaimID, OperatingPhysician, unnest(procedures) AS code, unnest(range(1, 7)) AS place FROM claims
),
lines AS (
    SELECT
        ClaimID, 0 AS place, 'GROUP-' || coalesce(DiagnosisGroupCode, 'NONE') AS item,
        'diagnosis group ' || coalesce(DiagnosisGroupCode, 'not stated') AS item_name, '14' AS charge_type,
        AttendingPhysician AS doctor, total AS amount
    FROM claims
    UNION ALL
    SELECT ClaimID, place, 'PROCEDURE-' || code, 'procedure ' || code, '06', OperatingPhysician, 0
    FROM done WHERE code IS NOT NULL
    UNION ALL
    SELECT ClaimID, 7, 'OPERATING', 'operating physician, no procedure coded', '06', OperatingPhysician, 0
    FROM claims
    WHERE OperatingPhysician IS NOT NULL AND len(list_filter(procedures, lambda code: code IS NOT NULL)) = 0
    UNION ALL
    SELECT ClaimID, 8, 'OTHER', 'other physician', '02', OtherPhysician, 0
    FROM claims WHERE OtherPhysician IS NOT NULL
)
SELECT
    ClaimID || '-' || place AS bkkp_sn, ClaimID AS setl_id, ClaimID AS mdtrt_id, item AS hilist_code,
    item_name AS hilist_name, '201' AS list_type, charge_type AS med_chrgitm_type, 1 AS cnt,
    amount AS det_item_fee_sumamt, doctor AS bilg_dr_code
FROM lines
ORDER BY setl_id, place

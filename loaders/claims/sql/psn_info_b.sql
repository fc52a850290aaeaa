-- Every beneficiary, with claims or without. 1 is male and 2 female in both.
SELECT
    BeneID AS psn_no, CAST(CAST(Gender AS INTEGER) AS VARCHAR) AS gend, CAST(DOB AS DATE) AS brdy,
    CASE WHEN DOD IS NULL THEN '1' ELSE '2' END AS surv_stas, CAST(DOD AS DATE) AS die_date
FROM beneficiary
ORDER BY psn_no

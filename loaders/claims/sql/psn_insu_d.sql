-- State and county are the division in which a beneficiary is insured.
SELECT BeneID AS psn_no, State || '-' || County AS insu_admdvs
FROM beneficiary
WHERE State IS NOT NULL AND County IS NOT NULL
ORDER BY psn_no

-- Purchases within a day of a visit to one doctor.
SELECT CAST(f.doctor_no AS BIGINT) AS key, f.purchase_no AS settlement_no FROM fills AS f WHERE f.doctor_no IS NOT NULL

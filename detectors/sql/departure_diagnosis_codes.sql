-- The first three characters of every diagnosis, in the order in which they are numbered; one stands for none where there is
-- no diagnosis.
SELECT substr(diagnosis_code, 1, 3) AS diagnosis FROM settlements WHERE diagnosis_code IS NOT NULL
UNION
SELECT ''
ORDER BY diagnosis

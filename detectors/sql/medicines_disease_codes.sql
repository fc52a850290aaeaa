-- Every disease (the first three characters of a diagnosis) that was settled for, in the order in which they are numbered;
-- one stands for none where no diagnosis is known.
SELECT left(upper(diagnosis_code), 3) AS disease FROM settlements WHERE diagnosis_code IS NOT NULL
UNION
SELECT ''
ORDER BY disease

-- Medicines of visits and purchases outside hospital beds: each once a settlement, with the disease that it was settled for
-- and the most days that a line says it lasts.
SELECT
    l.item_code, s.person_no, s.day, s.site_no, s.settlement_no, max(l.days) AS supply,
    CASE WHEN s.diagnosis_code IS NOT NULL THEN left(upper(s.diagnosis_code), 3) END AS disease
FROM lines AS l JOIN settlements AS s USING (settlement_no)
WHERE l.is_drug AND s.is_event AND NOT s.is_manual AND s.kind NOT IN ('inpatient', 'maternity')
GROUP BY ALL

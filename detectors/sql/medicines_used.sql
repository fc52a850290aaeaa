-- Medicines of visits and purchases outside hospital beds: each once a settlement, with the disease that it was settled for.
SELECT
    l.item_code, s.person_no, s.day, s.site_no, s.settlement_no,
    CASE WHEN s.diagnosis_code IS NOT NULL THEN left(upper(s.diagnosis_code), 3) END AS disease
FROM lines AS l JOIN settlements AS s USING (settlement_no)
WHERE l.is_drug AND s.is_event AND NOT s.is_manual AND s.kind NOT IN ('inpatient', 'maternity')
GROUP BY ALL

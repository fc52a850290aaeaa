-- Medicines of visits and purchases outside hospital beds: each once a settlement, with the disease that it was settled for
-- and the most days that a line says it lasts.
WITH named AS (
    SELECT settlement_no, CAST(item_code AS medicine) AS item_code, max(days) AS supply FROM lines WHERE is_drug GROUP BY ALL
)
SELECT
    l.item_code, s.person_no, s.day, s.site_no, s.settlement_no, l.supply,
    CAST(left(upper(s.diagnosis_code), 3) AS disease) AS disease
FROM named AS l JOIN settlements AS s USING (settlement_no)
WHERE s.is_event AND NOT s.is_manual AND s.kind NOT IN ('inpatient', 'maternity')

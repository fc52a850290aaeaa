-- What the sparse relationships speak of: overlaps, tested prescriptions, manual cases, packs sold twice, refunds,
-- and the stays that carry a contact phone.
SELECT from_no AS settlement_no FROM "overlaps"
UNION SELECT to_no FROM "overlaps"
UNION SELECT visit_no FROM filled_by
UNION SELECT purchase_no FROM filled_by
UNION SELECT settlement_no FROM settlements WHERE is_manual OR refunded_fen > 0 OR kind IN ('inpatient', 'maternity')
UNION SELECT settlement_no FROM manual_cases WHERE settlement_no IS NOT NULL
UNION SELECT settlement_no FROM pack_sales
WHERE settlement_no IS NOT NULL AND trace_code IN (
    SELECT trace_code FROM pack_sales WHERE NOT returned GROUP BY trace_code HAVING count(DISTINCT settlement_no) > 1
)

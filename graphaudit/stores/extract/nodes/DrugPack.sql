-- Two scans within one settlement are one sale; a cash sale stands for itself.
SELECT trace_code, count(DISTINCT coalesce(settlement_no, -1 - sale_no)) AS sales
FROM pack_sales
WHERE NOT returned
GROUP BY trace_code
HAVING count(DISTINCT coalesce(settlement_no, -1 - sale_no)) > 1

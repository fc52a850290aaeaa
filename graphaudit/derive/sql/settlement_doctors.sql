-- Doctors named by a settlement (attending) or by its fee lines (ordering).
SELECT settlement_no, doctor_no, 'attending' AS role
FROM settlements
WHERE doctor_no IS NOT NULL
UNION ALL
SELECT DISTINCT l.settlement_no, l.doctor_no, 'ordering' AS role
FROM lines AS l
JOIN settlements AS s ON s.settlement_no = l.settlement_no
WHERE l.doctor_no IS NOT NULL AND l.doctor_no IS DISTINCT FROM s.doctor_no

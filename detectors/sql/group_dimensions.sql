-- Per group and household: in which dimensions its settlements inside the sessions depart.
SELECT i.group_no, i.unit_no, bit_or(d.flags) AS flags
FROM inside AS i JOIN departures AS d USING (settlement_no)
GROUP BY i.group_no, i.unit_no
ORDER BY i.group_no, i.unit_no

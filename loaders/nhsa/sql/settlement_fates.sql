-- makes: view settlement_fates
-- Why a setl_id that occurs in the source is not a staged settlement.
SELECT setl_id, min(fate) AS fate FROM (
    SELECT setl_id, 'line of a refund' AS fate FROM refund_rows
    UNION ALL
    SELECT setl_id, CASE WHEN aside IS NOT NULL THEN 'line of a settlement set aside'
        ELSE 'line of a rejected settlement' END
    FROM checked.setl_d WHERE setl_id IS NOT NULL AND (aside IS NOT NULL OR fault IS NOT NULL)
    UNION ALL
    SELECT s.setl_id, 'line of a rejected settlement'
    FROM checked.setl_d s JOIN exceptions e ON e.source = 'setl_d' AND e.file_no = s.file_no AND e.line = s.line
    WHERE e.rejected
)
WHERE setl_id NOT IN (SELECT value FROM key_settlement)
GROUP BY setl_id

-- Paper cases that one handler had a hand in.
SELECT DISTINCT CAST(r.handler_no AS BIGINT) AS key, m.settlement_no
FROM reviews AS r JOIN manual_cases AS m USING (case_no)
WHERE r.handler_no IS NOT NULL AND m.settlement_no IS NOT NULL

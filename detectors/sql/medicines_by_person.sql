-- How often each person had each of medicines_used. Days are told apart before they are counted: a set of them for each
-- person and medicine would be far more work.
SELECT item_code, person_no, count(*) AS n, min(day) AS first_day, max(day) AS last_day
FROM (SELECT DISTINCT item_code, person_no, day FROM medicines_used)
GROUP BY item_code, person_no

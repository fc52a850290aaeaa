-- How often each person had each of medicines_used.
SELECT item_code, person_no, count(DISTINCT day) AS n, min(day) AS first_day, max(day) AS last_day
FROM medicines_used GROUP BY item_code, person_no

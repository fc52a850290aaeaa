-- Medicines that patients take regularly, with the usual days from one purchase to the next: at least half of the persons
-- who have them bought them on three days or more.
SELECT item_code, median((last_day - first_day) / (n - 1)) FILTER (WHERE n >= 3) AS step
FROM medicines_by_person
GROUP BY item_code
HAVING count(*) >= 20 AND 2 * count(*) FILTER (WHERE n >= 3) >= count(*)

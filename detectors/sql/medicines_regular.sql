-- Medicines that patients take regularly, with who has them and the usual days from one purchase to the next: at least
-- half of these persons bought them on three days or more.
SELECT item_code, count(*) AS persons, median((last_day - first_day) / (n - 1)) FILTER (WHERE n >= 3) AS step
FROM medicines_by_person
GROUP BY item_code
HAVING count(*) >= 20 AND 2 * count(*) FILTER (WHERE n >= 3) >= count(*)

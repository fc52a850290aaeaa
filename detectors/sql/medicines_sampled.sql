-- Who takes which of medicines_regular only now and then: at most a third of the refills that were due followed the first
-- purchase, with one and a half due at least.
SELECT p.item_code, p.person_no
FROM medicines_by_person AS p JOIN medicines_regular AS r USING (item_code)
CROSS JOIN (SELECT max(day) AS last_day FROM settlements) AS e
WHERE (e.last_day - p.first_day) / r.step >= 1.5 AND p.n - 1 <= (e.last_day - p.first_day) / r.step / 3

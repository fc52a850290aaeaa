-- Purchases of drugs that patients take regularly, by persons who take them only now and then (medicines_sampled), for every
-- person who does so with several such drugs.
WITH several AS (SELECT person_no, count(*) AS drugs FROM medicines_sampled GROUP BY person_no HAVING count(*) >= 2)
SELECT u.person_no, u.settlement_no, any_value(u.site_no) AS site_no, any_value(u.day) AS day, any_value(v.drugs) AS drugs
FROM medicines_used AS u
JOIN medicines_sampled AS m ON m.item_code = u.item_code AND m.person_no = u.person_no
JOIN several AS v ON v.person_no = u.person_no
GROUP BY u.person_no, u.settlement_no

-- People of one employer at one site.
SELECT CAST(p.employer_no AS BIGINT) * 1000000 + e.site_no AS key, e.settlement_no
FROM persons AS p JOIN departures AS e USING (person_no) WHERE p.employer_no IS NOT NULL

-- People of one address at one site.
SELECT CAST(p.address_no AS BIGINT) * 1000000 + e.site_no AS key, e.settlement_no
FROM persons AS p JOIN departures AS e USING (person_no) WHERE p.address_no IS NOT NULL

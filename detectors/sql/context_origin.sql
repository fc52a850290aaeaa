-- People who mostly go to one site, at one other site.
WITH usual AS (
    SELECT person_no, site_no FROM visited
    QUALIFY row_number() OVER (PARTITION BY person_no ORDER BY n DESC, site_no) = 1
)
SELECT CAST(u.site_no AS BIGINT) * 1000000 + e.site_no AS key, e.settlement_no
FROM usual AS u JOIN departures AS e USING (person_no) WHERE u.site_no <> e.site_no AND e.service <> 'paper'

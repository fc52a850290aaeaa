-- What members of one community of co-present persons did at sites where another of them was on that day.
WITH there AS (
    SELECT c.community_no, e.settlement_no, count(DISTINCT e.person_no) OVER (PARTITION BY c.community_no, e.site_no, e.day) AS persons
    FROM companions AS c JOIN departures AS e USING (person_no)
)
SELECT CAST(community_no AS BIGINT) AS key, settlement_no FROM there WHERE persons > 1

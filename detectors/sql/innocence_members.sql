-- Per group: what the registers say about its members.
WITH m AS (
    SELECT g.group_no, g.person_no, g.unit_no, p.address_no, p.employer_no, p.phone_no, p.birth_year
    FROM group_members AS g JOIN persons AS p USING (person_no)
),
size AS (SELECT group_no, count(*) AS persons, count(DISTINCT unit_no) AS units FROM m GROUP BY group_no),
address AS (
    SELECT group_no, max(n) AS n FROM (SELECT group_no, address_no, count(*) AS n FROM m WHERE address_no IS NOT NULL GROUP BY ALL)
    GROUP BY group_no
),
employer AS (
    SELECT group_no, max(n) AS n FROM (SELECT group_no, employer_no, count(*) AS n FROM m WHERE employer_no IS NOT NULL GROUP BY ALL)
    GROUP BY group_no
),
phone AS (
    SELECT group_no, max(n) AS n FROM (SELECT group_no, phone_no, count(*) AS n FROM m WHERE phone_no IS NOT NULL GROUP BY ALL)
    GROUP BY group_no
),
agent AS (
    SELECT group_no, max(n) AS n FROM (
        SELECT m.group_no, r.agent_no, count(DISTINCT m.person_no) AS n
        FROM m JOIN registrations AS r USING (person_no) WHERE r.agent_no IS NOT NULL GROUP BY ALL
    ) GROUP BY group_no
),
plan AS (
    SELECT m.group_no, count(DISTINCT m.person_no) AS n
    FROM m JOIN registrations AS r USING (person_no) WHERE r.kind = 'chronic_disease' GROUP BY m.group_no
),
register AS (
    SELECT m.group_no, count(DISTINCT m.person_no) AS n
    FROM m JOIN benign_register AS b
        ON b.person_no = m.person_no OR (b.person_no IS NULL AND b.site_no IS NULL AND b.address_no = m.address_no)
    GROUP BY m.group_no
)
SELECT
    s.group_no, s.persons, s.units, coalesce(address.n, 0) AS same_address, coalesce(employer.n, 0) AS same_employer,
    coalesce(phone.n, 0) AS same_phone, coalesce(agent.n, 0) AS same_agent, coalesce(plan.n, 0) AS planned,
    coalesce(register.n, 0) AS registered
FROM size AS s
LEFT JOIN address USING (group_no)
LEFT JOIN employer USING (group_no)
LEFT JOIN phone USING (group_no)
LEFT JOIN agent USING (group_no)
LEFT JOIN plan USING (group_no)
LEFT JOIN register USING (group_no)

// title.zh: 无辜解释：成员的住户、单位与代办登记
// title.en: Innocent ties, person by person
// id: households_of_the_members
// version: 1
// place: 51
// about: lead
// pattern: any
// question.zh: 成员分属几户？谁有单位、谁有登记代办人？
// question.en: To how many households do the members belong, and who has an employer or a registered agent?
// param lead: str = L-0000000000 -- id of a lead, from the ranked list
// shows: table
// needs-engine: neo4j

MATCH (:Lead {lead_id: $lead})-[:IMPLICATES]->(p:Person)
OPTIONAL MATCH (p)-[:LIVES_IN]->(f:Household)
OPTIONAL MATCH (p)-[:LIVES_IN]->(a:Address)
OPTIONAL MATCH (p)-[:INSURED_THROUGH]->(e:Employer)
OPTIONAL MATCH (p)-[:REPRESENTED_BY]->(g:Agent)
RETURN p.person_id AS person, p.sex AS sex, p.birth_year AS birth_year, p.insurance_type AS insurance_type,
       f.household_id AS household, f.persons AS in_household, a.address_id AS address, a.persons AS at_address,
       e.employer_id AS employer, e.persons AS at_employer, g.agent_id AS agent, g.persons AS by_agent,
       p.died_on AS died_on
ORDER BY household, address, person
LIMIT 500

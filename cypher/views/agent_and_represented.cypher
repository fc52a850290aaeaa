// title.zh: 代办人及被代办人
// title.en: An agent and the persons represented
// id: agent_and_represented
// version: 1
// place: 72
// about: agent
// pattern: any
// question.zh: 这名代办人登记代办了哪些人，他们住在一起吗？
// question.en: For whom does this agent act, and do they live together?
// param id: str = G-0000 -- id of an agent, as a picture or table shows it
// shows: picture
// needs-engine: neo4j

MATCH (g:Agent {agent_id: $id})<-[r:REPRESENTED_BY]-(p:Person)
OPTIONAL MATCH (p)-[home:LIVES_IN]->(f:Household|Address)
RETURN g, r, p, home, f
LIMIT 200

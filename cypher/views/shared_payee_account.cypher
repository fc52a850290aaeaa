// title.zh: 多人共用的收款账户
// title.en: One payee account of several persons
// id: shared_payee_account
// version: 1
// place: 5
// about: lead
// pattern: insider
// question.zh: 哪些参保人的报销款打入同一账户，他们属于哪些家庭？
// question.en: Whose reimbursements were paid into one account, and to which households do they belong?
// param lead: str = L-0000000000 -- id of a lead, from the ranked list
// shows: picture
// needs-engine: neo4j

MATCH (l:Lead {lead_id: $lead})-[:IMPLICATES]->(b:BankAccount)<-[paid:PAID_TO]-(s:Settlement)-[of:OF_PERSON]->(p:Person)
WHERE EXISTS { (l)-[:IMPLICATES]->(s) }
WITH b, paid, s, of, p
ORDER BY s.settled_s, s.settlement_id
LIMIT 100
OPTIONAL MATCH (p)-[home:LIVES_IN]->(f:Household)
RETURN b, paid, s, of, p, home, f

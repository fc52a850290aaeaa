// title.zh: 资金流向的机构与账户
// title.en: Where the money went
// id: money_by_place
// version: 1
// place: 31
// about: lead
// pattern: any
// question.zh: 证据结算的钱付到了哪些机构、哪些收款账户？
// question.en: To which places and payee accounts did the money of the evidence go?
// param lead: str = L-0000000000 -- id of a lead, from the ranked list
// shows: table
// needs-engine: neo4j

MATCH (:Lead {lead_id: $lead})-[:IMPLICATES]->(s:Settlement)
OPTIONAL MATCH (s)-[:SETTLED_AT]->(x:Institution|Pharmacy)
OPTIONAL MATCH (s)-[:PAID_TO]->(b:BankAccount)
OPTIONAL MATCH (s)-[:OF_PERSON]->(p:Person)
WITH coalesce(x.institution_id, x.pharmacy_id) AS site, x.name AS name, b.bank_account_id AS account,
     count(DISTINCT s) AS settlements, count(DISTINCT p) AS persons, sum(s.total_fen) AS total, sum(s.fund_fen) AS fund
RETURN site, name, account, persons, settlements, total / 100.0 AS total_yuan, fund / 100.0 AS fund_yuan
ORDER BY fund_yuan DESC, site, account
LIMIT 200

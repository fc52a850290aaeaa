// title.zh: 每名成员的金额
// title.en: The money of each person
// id: money_by_person
// version: 1
// place: 30
// about: lead
// pattern: any
// question.zh: 证据结算中每名参保人涉及多少费用、基金和个人账户支付？
// question.en: How much of the evidence's charges, fund and account payments fall to each person?
// param lead: str = L-0000000000 -- id of a lead, from the ranked list
// shows: table
// needs-engine: neo4j

MATCH (:Lead {lead_id: $lead})-[:IMPLICATES]->(s:Settlement)-[:OF_PERSON]->(p:Person)
WITH p, count(s) AS settlements, sum(s.total_fen) AS total, sum(s.fund_fen) AS fund, sum(s.account_fen) AS account,
     sum(s.cash_fen) AS cash, sum(s.refunded_fen) AS refunded
RETURN p.person_id AS person, settlements, total / 100.0 AS total_yuan, fund / 100.0 AS fund_yuan,
       account / 100.0 AS account_yuan, cash / 100.0 AS cash_yuan, refunded / 100.0 AS refunded_yuan
ORDER BY fund_yuan DESC, person
LIMIT 500

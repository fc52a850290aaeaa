// title.zh: 收款账户及申请人
// title.en: A payee account and its claimants
// id: account_and_claimants
// version: 1
// place: 70
// about: bank_account
// pattern: any
// question.zh: 谁的手工报销款打入这个账户，由谁录入？
// question.en: Whose reimbursements were paid into this account, and who entered them?
// param id: str = B-0000 -- id of a bank account, as a picture or table shows it
// shows: picture
// needs-engine: neo4j

MATCH (b:BankAccount {bank_account_id: $id})<-[paid:PAID_TO]-(s:Settlement)
WITH b, paid, s
ORDER BY s.settled_s, s.settlement_id
LIMIT 100
OPTIONAL MATCH (s)-[of:OF_PERSON]->(p:Person)
OPTIONAL MATCH (s)-[entered:ENTERED_BY]->(h:Handler)
RETURN b, paid, s, of, p, entered, h

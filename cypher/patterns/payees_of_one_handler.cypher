// id: payees_of_one_handler
// version: 2
// pattern: insider
// kind: shared_account
// title.zh: 同一经办人处理的报销款集中到少数他人账户
// title.en: One handler's cases that end on a few accounts of others
// status: trial
// question.zh: 哪些经办人录入或初审的手工报销，反复打入由不同家庭共用、且几乎只经其手的账户？
// question.en: Which handlers entered or first reviewed cases that were paid into several accounts, each shared by
//    different households and each used almost only through this handler?
// param least_cases: int = 3 -- cases of an account before its use says anything
// param least_share: float = 0.8 -- an account used through the whole office shows no tie to one handler
// param most_persons: int = 80 -- larger ones are accounts of an office, a school or a charity
// param least_accounts: int = 2 -- one account is a lead of its own
// param least_households: int = 5 -- fewer are two families
// returns handler_id as handler
// returns bank_account_ids as payee
// returns person_ids as claimant
// returns settlement_ids as evidence
// keep bank_accounts >= least_accounts -- see above
// keep households >= least_households -- see above
// signal bank_accounts = 3.0 -- every further shared account through one desk is one more coincidence
// signal households = 3.0 -- as for one account, shared among several here
// text.zh: {bank_accounts}个由不同家庭共用的收款账户，其{settlements}笔手工报销（{persons}人、{households}个家庭）几乎全部经同一经办人。
// text.en: {settlements} manual reimbursements of {persons} insured persons of {households} households ended on
//    {bank_accounts} accounts shared between households, nearly all through one handler.
// clears.zh: 账户所有人与申请人关系的证明，或该经办人专窗分工的文件。
// clears.en: Proof of how the owners relate to the claimants, or a paper that gives these cases to this desk.
// weighs: household, shared_address, employer, agent, passed_desks
// benign.zh: 小型经办点的亲属共用账户
// benign.en: families sharing accounts at a small office
// benign.zh: 专窗人员受理的同类报销
// benign.en: a specialist window that takes all cases of one kind
// misses.zh: 由多名经办人分散处理的案件
// misses.en: cases spread over many handlers
// legal: Order 735 art. 37; Order 735 art. 44
// needs: manual_cases.bank_account_no|payouts.bank_account_no, manual_cases.accepted_by|reviews.handler_no

// accounts shared between households
MATCH (b:BankAccount)<-[:PAID_TO]-(s:Settlement)-[:OF_PERSON]->(p:Person)
WHERE b.persons >= 2 AND b.persons <= $most_persons
OPTIONAL MATCH (p)-[:LIVES_IN]->(f:Household)
WITH b, count(DISTINCT s.settlement_id) AS cases, count(DISTINCT coalesce(f.household_id, p.person_id)) AS families
WHERE families >= 2 AND cases >= $least_cases
// used almost only through one desk
MATCH (b)<-[:PAID_TO]-(s:Settlement)-[:ENTERED_BY|REVIEWED_BY]->(h:Handler)
WITH b, h, cases, count(DISTINCT s.settlement_id) AS through
WHERE through >= $least_share * cases
MATCH (b)<-[:PAID_TO]-(s:Settlement)-[:ENTERED_BY|REVIEWED_BY]->(g:Handler)
WHERE g.handler_id = h.handler_id
MATCH (s)-[:OF_PERSON]->(p:Person)
RETURN h.handler_id AS handler_id,
       collect(DISTINCT b.bank_account_id) AS bank_account_ids,
       collect(DISTINCT p.person_id) AS person_ids,
       collect(DISTINCT s.settlement_id) AS settlement_ids

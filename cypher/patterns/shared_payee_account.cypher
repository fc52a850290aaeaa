// id: shared_payee_account
// version: 2
// pattern: insider
// kind: shared_account
// title.zh: 多名参保人的手工报销打入同一账户
// title.en: Manual reimbursements of several persons paid into one account
// status: trial
// question.zh: 哪些收款账户收到了多个家庭参保人的手工（零星）报销款？
// question.en: Which payee accounts received manual reimbursements of persons of several households?
// param least_persons: int = 3 -- two persons of one account are mostly a couple
// param least_households: int = 3 -- relatives beyond one household often lend an account; three households rarely do
// param most_persons: int = 80 -- larger ones are accounts of an office, a school or a charity
// returns bank_account_id as payee
// returns person_ids as claimant
// returns settlement_ids as evidence
// keep households >= least_households -- probable households (address and phone) count once, too
// signal households = 4.0 -- an honest account gains a further household rarely, odds of about fifty to one a doubling
// signal settlements = 1.5 -- repeated use is more than one favour
// text.zh: {persons}名参保人（{households}个家庭）的{settlements}笔手工报销打入同一账户，前后{span_days}天。
// text.en: {settlements} manual reimbursements of {persons} insured persons of {households} households were paid
//    into one account within {span_days} days.
// clears.zh: 账户所有人与申请人关系的证明（亲属、监护、村（居）委会或单位统一代领的登记）。
// clears.en: Proof of how the account's owner relates to the claimants: kinship, guardianship, or a registered
//    collection by a village committee or an employer.
// weighs: household, shared_address, employer, agent, passed_desks
// benign.zh: 一家人共用一个账户
// benign.en: one family using one account
// benign.zh: 单位代领本单位职工的生育津贴或零星报销
// benign.en: an employer collecting for its own employees
// benign.zh: 养老机构代领院内老人的报销款
// benign.en: a nursing home collecting for its residents
// benign.zh: 登记的代办人
// benign.en: a registered agent
// misses.zh: 每个账户只用于一两人的分散收款
// misses.en: payments spread over accounts of one or two persons each
// misses.zh: 入账后再转移的资金
// misses.en: money that is moved on after it was paid
// legal: Order 735 art. 37; Order 735 art. 44
// needs: manual_cases.bank_account_no|payouts.bank_account_no

// who shares an account with other households
MATCH (b:BankAccount)<-[:PAID_TO]-(s:Settlement)-[:OF_PERSON]->(p:Person)
WHERE b.persons >= $least_persons AND b.persons <= $most_persons
// what was paid
RETURN b.bank_account_id AS bank_account_id,
       collect(DISTINCT p.person_id) AS person_ids,
       collect(DISTINCT s.settlement_id) AS settlement_ids

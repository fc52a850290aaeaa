// id: payees_joined
// version: 2
// pattern: insider
// kind: joined_keys
// title.zh: 收款账户、联系电话与票据环环相连的报销
// title.en: Claims chained by payee accounts, contact phones and invoices
// status: trial
// question.zh: 哪些不同家庭的参保人，其报销或住院登记以账户、电话、票据中的两类以上共用标识首尾相连？
// question.en: Persons of which different households are chained to one another by shared accounts, contact phones and
//    invoices, of two kinds at least, on their claims and stays?
// param most_persons: int = 12 -- a key of more persons is that of an office, a ward, a village or a collector, and joins strangers
// param least_key_kinds: int = 2 -- one kind of key is asked about by itself elsewhere
// param least_households: int = 3 -- two households that share two keys are relatives
// param least_beyond: int = 1 -- a household that no single key reaches: else that key tells all there is
// param most_joined: int = 80 -- a larger component hangs on keys that mean nothing
// returns bank_account_id as payee
// returns phone_id as contact
// returns person_ids as claimant
// returns settlement_ids as evidence
// joins: person
// keep key_kinds >= least_key_kinds -- see above
// keep households >= least_households -- see above
// keep households_beyond_a_key >= least_beyond -- see above
// keep persons <= most_joined -- see above
// signal households = 2.0 -- a chain of favours gains a further household rarely
// signal key_rarity = 2.0 -- what a key tells is how few of its kind join households
// signal key_kinds = 2.0 -- a favour is one account lent or one phone given, seldom both on different people's papers
// text.zh: {persons}名参保人（{households}个家庭）的{settlements}笔结算以{bank_accounts}个账户、{phones}个电话、{invoices}个票据号环环相连，
//    没有任何一个标识连起全部家庭。
// text.en: {settlements} settlements of {persons} insured persons of {households} households are chained by {bank_accounts}
//    accounts, {phones} contact phones and {invoices} invoice numbers, no one of which joins all of these households.
// clears.zh: 账户所有人、联系人与申请人关系的证明，票据原件，或代办登记。
// clears.en: How the owners of accounts and phones relate to the claimants, the original invoices, or a registration of the agent.
// weighs: household, shared_address, employer, agent, passed_desks
// benign.zh: 一家人共用账户与电话
// benign.en: one family sharing accounts and phones
// benign.zh: 单位代领账户与单位电话
// benign.en: the account and the phone of an employer
// benign.zh: 登记代办人的账户与电话
// benign.en: the account and the phone of a registered agent
// benign.zh: 病区或村卫生室统一填写的电话
// benign.en: the phone of a ward or a village doctor
// benign.zh: 只共用一个账户的亲友
// benign.en: relatives who use one account and nothing else
// misses.zh: 每人各用账户、电话与票据的情形
// misses.en: an account, a phone and invoices of everybody's own
// misses.zh: 经同户另一成员相连的链条
// misses.en: chains that pass from one member of a household to another
// misses.zh: 全部经由一个账户的情形（另有查询）
// misses.en: groups that one account joins entirely, which another query asks about
// legal: Order 735 art. 37; Order 735 art. 40(1); Order 735 art. 44
// needs: manual_cases.bank_account_no|payouts.bank_account_no, manual_cases.invoice_no|settlements.phone_no|manual_cases.phone_no

// keys written on papers of several persons, few enough to be somebody's own
MATCH (k:BankAccount|Phone|Invoice)<-[:PAID_TO|HAS_PHONE|EVIDENCED_BY]-(s:Settlement)-[:OF_PERSON]->(p:Person)
WHERE k.persons >= 2 AND k.persons <= $most_persons
WITH k, p, collect(DISTINCT s.settlement_id) AS papers
// not those of one household, one home, one employer or one registered agent
OPTIONAL MATCH (p)-[:LIVES_IN]->(f:Household)
OPTIONAL MATCH (p)-[:LIVES_IN]->(a:Address)
OPTIONAL MATCH (p)-[:INSURED_THROUGH]->(e:Employer)
OPTIONAL MATCH (p)-[:REPRESENTED_BY]->(g:Agent)
UNWIND papers AS paper
WITH k, count(DISTINCT coalesce(f.household_id, p.person_id)) AS families,
     count(DISTINCT coalesce(a.address_id, p.person_id)) AS homes,
     count(DISTINCT coalesce(e.employer_id, p.person_id)) AS workplaces,
     count(DISTINCT coalesce(g.agent_id, p.person_id)) AS represented,
     collect(DISTINCT p.person_id) AS person_ids, collect(DISTINCT paper) AS settlement_ids
WHERE families >= 2 AND homes >= 2 AND workplaces >= 2 AND represented >= 2
// one row a key; rows that share a person are joined
RETURN k.bank_account_id AS bank_account_id,
       k.phone_id AS phone_id,
       person_ids AS person_ids,
       settlement_ids AS settlement_ids

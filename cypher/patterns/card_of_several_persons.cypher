// id: card_of_several_persons
// version: 1
// pattern: impersonation
// kind: shared_card
// title.zh: 同一凭证用于多名参保人
// title.en: One card used for several persons
// status: trial
// question.zh: 哪些凭证被用于不同家庭的多名参保人？
// question.en: Which credentials were presented for persons of several households?
// param least_persons: int = 3 -- an infant on a guardian's credential makes two
// param least_households: int = 3 -- the credential of one family serves two households at most
// param least_uses: int = 2 -- a single use is a slip at the counter
// returns card_id as card
// returns person_ids as card_holder
// returns settlement_ids as evidence
// keep persons >= least_persons -- persons with several uses
// keep households >= least_households -- see above
// signal persons = 4.0 -- a credential belongs to one person
// signal days = 1.5 -- repeated use is no slip
// text.zh: 同一凭证用于{persons}名参保人（{households}个家庭），共{settlements}笔结算、{days}个日期。
// text.en: One credential was presented for {persons} insured persons of {households} households
//    ({settlements} settlements on {days} dates).
// clears.zh: 监护关系或亲情账户登记。
// clears.en: Registration as guardian or as a family account.
// weighs: household, shared_address, agent
// benign.zh: 婴幼儿使用监护人凭证、亲情账户
// benign.en: infants on a guardian's credential, family accounts
// benign.zh: 柜台误读一次
// benign.en: one misreading at the counter
// misses.zh: 只用于一名他人的凭证
// misses.en: a credential used for one other person only
// legal: Order 735 art. 17; Order 735 art. 41(1)
// needs: settlements.card_no

// credentials that served several persons, more than once each
MATCH (p:Person)-[h:HOLDS]->(c:Card)
WHERE c.persons >= $least_persons AND h.n >= $least_uses
// what was settled with them
MATCH (c)<-[:PAID_WITH]-(s:Settlement)-[:OF_PERSON]->(q:Person)
WHERE q.person_id = p.person_id
RETURN c.card_id AS card_id,
       collect(DISTINCT p.person_id) AS person_ids,
       collect(DISTINCT s.settlement_id) AS settlement_ids

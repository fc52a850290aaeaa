// id: card_in_two_places
// version: 1
// pattern: impersonation
// kind: overlap
// title.zh: 同一人的凭证反复同时出现在两地
// title.en: One person's card that is in two places again and again
// status: trial
// question.zh: 哪些参保人的凭证反复在其住院期间于别处使用，或在到不了的时间内于两地使用？
// question.en: Whose card was used elsewhere during stays, or at two places too far apart for the time between, on
//    several days?
// param least_n: int = 3 -- a relative fetches drugs once or twice during a stay
// param least_llr: float = 8.0 -- nats: far from the person's own habit at that site
// param least_days: int = 4 -- one or two days are an outing
// returns site_ids as site
// returns person_id as card_holder
// returns earlier_settlement_ids as evidence
// returns later_settlement_ids as evidence
// keep days >= least_days -- dates of all settlements in the overlaps
// signal CLASHES_AT = 1.0 -- one person's affair: weaker than the same among several persons
// text.zh: 同一参保人的凭证在{days}个日期、{sites}个机构的{settlements}笔结算时间上相互冲突。
// text.en: {settlements} settlements of one insured person at {sites} sites on {days} dates cannot all have been made
//    by the holder.
// clears.zh: 住院期间外出检查、转诊或家属代购的凭证，机构时钟偏差或延迟上传的说明。
// clears.en: Papers for tests or referrals outside during the stay, or for a proxy purchase; an explanation of clock
//    offset or late upload at the site.
// weighs: household
// benign.zh: 住院期间家属代购
// benign.en: relatives fetching drugs during a stay
// benign.zh: 出院入院同日的转院
// benign.en: a transfer on the day of discharge
// misses.zh: 凭证出借后本人不再就医的情形
// misses.en: a card lent by a holder who seeks no care meanwhile
// legal: Order 735 art. 17; Order 735 art. 41(1)
// needs: settlements.begin_at, settlements.end_at

// sites at which the person's services clash beyond habit
MATCH (p:Person)-[c:CLASHES_AT]->(x:Institution|Pharmacy)
WHERE c.n >= $least_n AND c.llr >= $least_llr
WITH p, collect(DISTINCT coalesce(x.institution_id, x.pharmacy_id)) AS site_ids
// services that cannot both be true
MATCH (p)<-[:OF_PERSON]-(a:Settlement)-[:OVERLAPS]->(b:Settlement)-[:OF_PERSON]->(q:Person)
WHERE q.person_id = p.person_id AND a.settlement_id <> b.settlement_id
RETURN site_ids,
       p.person_id AS person_id,
       collect(DISTINCT a.settlement_id) AS earlier_settlement_ids,
       collect(DISTINCT b.settlement_id) AS later_settlement_ids

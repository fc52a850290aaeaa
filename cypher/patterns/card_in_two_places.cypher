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
// param least_days: int = 4 -- a relative fetches drugs once or twice during a stay
// param least_overlaps: int = 4 -- overlaps of that person
// param least_sites: int = 2 -- an overlap has two sites
// returns card_ids as card
// returns person_id as card_holder
// returns earlier_settlement_ids as evidence
// returns later_settlement_ids as evidence
// keep days >= least_days -- dates of all settlements in the overlaps
// keep sites >= least_sites -- see above
// keep settlements >= least_overlaps -- see above
// signal days = 1.5 -- one person's affair: weaker than the same among several persons
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
// needs: settlements.begin_at, settlements.end_at, settlements.card_no

// services that cannot both be true
MATCH (p:Person)<-[:OF_PERSON]-(a:Settlement)-[:OVERLAPS]->(b:Settlement)-[:OF_PERSON]->(p)
WITH p, count(DISTINCT b.settlement_id) AS overlaps
WHERE overlaps >= $least_overlaps
MATCH (p)<-[:OF_PERSON]-(a:Settlement)-[:OVERLAPS]->(b:Settlement)-[:OF_PERSON]->(p)
OPTIONAL MATCH (b)-[:PAID_WITH]->(c:Card)
RETURN collect(DISTINCT c.card_id) AS card_ids,
       p.person_id AS person_id,
       collect(DISTINCT a.settlement_id) AS earlier_settlement_ids,
       collect(DISTINCT b.settlement_id) AS later_settlement_ids

// id: clashes_at_one_site
// version: 2
// pattern: impersonation
// kind: overlap
// title.zh: 多名住院或异地就诊人员的凭证同时在同一机构使用
// title.en: Cards of several persons used at one site while their holders were elsewhere
// status: trial
// question.zh: 哪些机构反复结算了多名正在别处住院或就诊的参保人，远超该机构与本人的通常水平？
// question.en: At which sites were cards of several persons used while their holders were in hospital or treated
//    elsewhere, beyond what the site's volume and the persons' own habits give?
// param least_n: int = 2 -- one overlap is everyday life at a large site, two of one person are rare
// param least_llr: float = 2.0 -- nats per person: not at the site that the person uses anyway
// param least_site_llr: float = 9.0 -- nats: 4.6 for the choice among a hundred sites, twice, as sites differ more than by luck
// param least_persons: int = 3 -- one or two have private reasons
// param least_households: int = 3 -- a family fetches drugs for its patient
// returns site_id as site
// returns person_ids as card_holder
// returns earlier_settlement_ids as evidence
// returns later_settlement_ids as evidence
// keep persons >= least_persons -- see above
// keep households >= least_households -- see above
// signal CLASHES_AT = 3.0 -- overlaps beyond the site's own rate
// signal households = 2.5 -- further independent households
// text.zh: {persons}名参保人（{households}个家庭）在别处住院或就诊期间，其凭证在同一机构结算，涉及{settlements}笔结算、{days}个日期。
// text.en: Cards of {persons} insured persons of {households} households were settled at one site while their holders
//    were in hospital or treated elsewhere ({settlements} settlements on {days} dates).
// clears.zh: 住院期间外出检查、转诊或家属代购的凭证，机构时钟偏差或延迟上传的说明。
// clears.en: Papers for tests or referrals outside during the stay, or for a proxy purchase; an explanation of clock
//    offset or late upload at the site.
// weighs: household, shared_address
// benign.zh: 住院期间家属代购慢病药
// benign.en: relatives fetching chronic-disease drugs during a stay
// benign.zh: 住院期间外出检查或转诊
// benign.en: tests or referrals outside during a stay
// benign.zh: 机构时钟偏差、延迟上传（按机构自身比率检验）
// benign.en: clock offset and late upload at the site (tested against its own rate)
// misses.zh: 只在凭证持有人无就诊时冒用
// misses.en: use of cards only while their holders are not treated anywhere
// legal: Order 735 art. 17; Order 735 art. 40(1); Order 735 art. 41(1)
// needs: settlements.begin_at, settlements.end_at

// persons whose overlaps at this site exceed chance
MATCH (p:Person)-[c:CLASHES_AT]->(x:Institution|Pharmacy)
WHERE c.n >= $least_n AND c.llr >= $least_llr AND c.site_llr >= $least_site_llr
// both services of each overlap, one of them settled here
MATCH (p)<-[:OF_PERSON]-(a:Settlement)-[:OVERLAPS]->(b:Settlement)
MATCH (s:Settlement)-[:SETTLED_AT]->(x)
WHERE s.settlement_id = a.settlement_id OR s.settlement_id = b.settlement_id
RETURN coalesce(x.institution_id, x.pharmacy_id) AS site_id,
       collect(DISTINCT p.person_id) AS person_ids,
       collect(DISTINCT a.settlement_id) AS earlier_settlement_ids,
       collect(DISTINCT b.settlement_id) AS later_settlement_ids

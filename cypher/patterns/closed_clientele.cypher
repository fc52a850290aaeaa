// id: closed_clientele
// version: 1
// pattern: insider
// kind: closed_clientele
// title.zh: 经办人的固定客户群
// title.en: A handler with a closed clientele
// status: trial
// question.zh: 哪些经办人反复受理同一批参保人的案件，远超其在本经办点同类案件中的份额？
// question.en: Whose cases does one handler enter again and again, far beyond the handler's share of the office's
//    cases of that kind and month?
// param least_llr: float = 1.5 -- nats per person: loose, for evidence is pooled over the clientele
// param least_n: int = 2 -- a single case is no clientele
// param least_share: float = 0.75 -- nearly all cases of the person
// param least_persons: int = 4 -- two or three faithful claimants are found at every desk
// param least_households: int = 4 -- a large family is one claimant
// returns handler_id as handler
// returns person_ids as claimant
// returns settlement_ids as evidence
// keep persons >= least_persons -- see above
// keep households >= least_households -- see above
// signal SERVES = 3.0 -- the summed ratio doubles with every doubling of the clientele
// text.zh: 同一经办人受理了{persons}名参保人（{households}个家庭）几乎全部的{settlements}笔手工报销，远高于其在本经办点的份额。
// text.en: One handler entered nearly all of the {settlements} manual reimbursements of {persons} insured persons of
//    {households} households, far above the handler's share of the office.
// clears.zh: 片区分工、专窗分工文件，或上门服务安排。
// clears.en: A paper that gives these persons or cases to this desk: districts, specialist windows, home service.
// weighs: household, shared_address, employer, agent
// benign.zh: 只办一类案件的专窗人员
// benign.en: a specialist window for one kind of case
// benign.zh: 只有一名经办人的小经办点
// benign.en: an office with one handler
// benign.zh: 负责某养老机构的经办人
// benign.en: the handler in charge of a nursing home
// misses.zh: 每人只报销一次的团伙
// misses.en: groups in which everybody claims once
// legal: Order 735 art. 37; Order 735 art. 44
// needs: manual_cases.accepted_by

// persons tied to one desk
MATCH (h:Handler)-[v:SERVES]->(p:Person)
WHERE v.llr >= $least_llr AND v.n >= $least_n AND v.share >= $least_share
// the cases behind the tie
MATCH (p)<-[:OF_PERSON]-(s:Settlement)-[:ENTERED_BY]->(g:Handler)
WHERE s.is_manual AND g.handler_id = h.handler_id
RETURN h.handler_id AS handler_id,
       collect(DISTINCT p.person_id) AS person_ids,
       collect(DISTINCT s.settlement_id) AS settlement_ids

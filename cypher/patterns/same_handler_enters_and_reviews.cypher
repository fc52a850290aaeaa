// id: same_handler_enters_and_reviews
// version: 1
// pattern: insider
// kind: same_handler
// title.zh: 同一经办人既录入又审核同一批案件
// title.en: One handler entering and reviewing the same cases
// status: trial
// question.zh: 哪些经办人在较长时间内对多名参保人的案件既录入又审核？
// question.en: Which handlers entered and also reviewed cases of several persons, over more than a spell of cover?
// param least_cases: int = 5 -- fewer happen when a desk is short of staff
// param least_days: int = 4 -- one or two long days of clearing a backlog are no habit
// param least_span_days: int = 30 -- covering a colleague's leave ends within a month
// param least_persons: int = 3 -- fewer are a matter of the persons, not of the desk
// param least_desks: int = 3 -- where one or two work, entering and reviewing cannot be kept apart
// returns handler_id as handler
// returns person_ids as claimant
// returns settlement_ids as evidence
// keep settlements >= least_cases -- see above
// keep days >= least_days -- see above
// keep span_days >= least_span_days -- see above
// keep persons >= least_persons -- see above
// signal settlements = 3.0 -- separation of duties is a rule; each doubling makes an oversight less likely
// signal persons = 1.5 -- spread over persons it is a way of working, not one case gone wrong
// text.zh: 同一经办人对{persons}名参保人（{households}个家庭）的{settlements}笔手工报销既录入又审核，前后{span_days}天。
// text.en: One handler entered and reviewed {settlements} manual reimbursements of {persons} insured persons of
//    {households} households over {span_days} days.
// clears.zh: 岗位授权、代班记录，或仅一人值守的经办点说明。
// clears.en: A delegation or cover record, or a statement that the office is staffed by one person.
// weighs: household
// benign.zh: 同事休假期间的代班
// benign.en: cover during a colleague's leave
// benign.zh: 只有一两名经办人的经办点
// benign.en: an office of one or two handlers
// benign.zh: 积压案件的集中处理
// benign.en: a backlog cleared within a few days
// misses.zh: 两人交叉录入、审核
// misses.en: two handlers who enter and review for each other
// misses.zh: 借用他人账号的操作
// misses.en: work done under a colleague's account
// legal: Order 735 art. 37; Order 735 art. 44
// needs: reviews.handler_no, manual_cases.accepted_by

// paper cases that one handler both entered and reviewed
MATCH (h:Handler)<-[:REVIEWED_BY|APPROVED_BY]-(s:Settlement)-[:ENTERED_BY]->(g:Handler), (s)-[:OF_PERSON]->(p:Person)
WHERE s.is_manual AND h.kind = 'agency' AND g.handler_id = h.handler_id
WITH h.handler_id AS handler_id, h.office AS office,
     collect(DISTINCT p.person_id) AS person_ids, collect(DISTINCT s.settlement_id) AS settlement_ids
// in offices large enough to keep duties apart
MATCH (o:Handler)
WHERE o.kind = 'agency' AND o.office = office
WITH handler_id, person_ids, settlement_ids, count(DISTINCT o.handler_id) AS desks
WHERE desks >= $least_desks
RETURN handler_id, person_ids, settlement_ids

// id: shared_invoice
// version: 1
// pattern: insider
// kind: shared_invoice
// title.zh: 同一张票据用于多名参保人的手工报销
// title.en: One paper invoice claimed for several persons
// status: trial
// question.zh: 哪些纸质票据号被不同家庭的多名参保人用于手工报销？
// question.en: Which paper invoice numbers were presented for persons of different households?
// param least_persons: int = 2 -- an invoice names one patient
// param least_households: int = 2 -- a mother and her newborn may share one
// returns handler_id as handler
// returns person_ids as claimant
// returns settlement_ids as evidence
// keep households >= least_households -- claims within one household are settled by a letter, not by a check
// signal persons = 4.0 -- an invoice number is unique; a typing error joins two persons, seldom three
// signal settlements = 1.5 -- several cases on reused invoices are no typing errors
// text.zh: {persons}名参保人（{households}个家庭）的{settlements}笔手工报销使用了相同的票据号。
// text.en: {settlements} manual reimbursements of {persons} insured persons of {households} households rest on
//    invoice numbers that were presented more than once.
// clears.zh: 票据原件，或录入号码的更正记录。
// clears.en: The original invoices, or a record that a number was mistyped.
// weighs: household
// benign.zh: 母亲与新生儿共用一张票据
// benign.en: a mother and her newborn on one invoice
// benign.zh: 偶然的票据号录入错误
// benign.en: an invoice number mistyped once
// misses.zh: 伪造且号码不重复的票据
// misses.en: made-up invoices whose numbers do not repeat
// legal: Order 735 art. 37; Order 735 art. 40(1)
// needs: manual_cases.invoice_no|settlements.invoice_no, manual_cases.accepted_by|settlements.handler_no

// one number on paper cases of several persons; whose desk they came over, family by family
MATCH (i:Invoice)<-[:EVIDENCED_BY]-(s:Settlement)-[:OF_PERSON]->(p:Person), (s)-[:ENTERED_BY]->(h:Handler)
WHERE i.persons >= $least_persons AND s.is_manual
OPTIONAL MATCH (p)-[:LIVES_IN]->(f:Household)
WITH h.handler_id AS handler_id, i.invoice_no AS invoice_no,
     count(DISTINCT coalesce(f.household_id, p.person_id)) AS families,
     collect(DISTINCT p.person_id) AS persons, collect(DISTINCT s.settlement_id) AS settlements
WHERE families >= $least_households
// one lead per handler who entered them
UNWIND persons AS person
UNWIND settlements AS settlement
RETURN handler_id,
       collect(DISTINCT person) AS person_ids,
       collect(DISTINCT settlement) AS settlement_ids

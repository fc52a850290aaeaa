-- All settlements of a person that name a doctor, as attending or ordering.
SELECT
    d.doctor_no, s.person_no, count(DISTINCT s.settlement_no) AS n,
    sum(s.total_fen - s.refunded_fen) AS total_fen
FROM (SELECT DISTINCT settlement_no, doctor_no FROM settlement_doctors) AS d
JOIN settlements AS s ON s.settlement_no = d.settlement_no
WHERE s.is_event
GROUP BY d.doctor_no, s.person_no

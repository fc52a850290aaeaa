-- What one doctor did, visits and stays apart.
SELECT d.doctor_no * 2 + CASE e.service WHEN 'stay' THEN 1 ELSE 0 END AS key, e.settlement_no
FROM settlement_doctors AS d JOIN departures AS e USING (settlement_no)

-- makes: view line_doctors
SELECT settlement_no, doctor_no, count(*) AS n FROM canonical.lines WHERE doctor_no IS NOT NULL GROUP BY ALL

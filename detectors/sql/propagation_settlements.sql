-- Settlements of the members of each group by which they are linked to the cases.
WITH link AS (
    SELECT unnest($groups::INTEGER[]) AS group_no, unnest($persons::INTEGER[]) AS person_no,
        unnest($kinds::INTEGER[]) AS kind, unnest($nos::INTEGER[]) AS no
),
pairs AS (
    SELECT person_a, person_b, row_number() OVER (ORDER BY person_a, person_b) - 1 AS no
    FROM co_present WHERE NOT same_household
),
has AS (
    SELECT s.person_no, 0 AS kind, s.site_no AS no, s.settlement_no
    FROM settlements AS s SEMI JOIN link USING (person_no)
    UNION ALL
    SELECT s.person_no, 1 AS kind, d.doctor_no AS no, s.settlement_no
    FROM settlements AS s SEMI JOIN link USING (person_no) JOIN settlement_doctors AS d USING (settlement_no)
    UNION ALL
    SELECT s.person_no, 2 AS kind, s.phone_no AS no, s.settlement_no FROM settlements AS s SEMI JOIN link USING (person_no)
    UNION ALL
    SELECT s.person_no, 3 AS kind, p.bank_account_no AS no, s.settlement_no
    FROM settlements AS s SEMI JOIN link USING (person_no) JOIN payouts AS p USING (settlement_no)
    UNION ALL
    SELECT s.person_no, 4 AS kind, s.card_no AS no, s.settlement_no FROM settlements AS s SEMI JOIN link USING (person_no)
    UNION ALL
    SELECT s.person_no, 5 AS kind, p.no, s.settlement_no
    FROM (
        SELECT unnest([person_a, person_b]) AS person_no, unnest([person_b, person_a]) AS other_no, no FROM pairs
        WHERE no IN (SELECT no FROM link WHERE kind = 5)
    ) AS p
    JOIN settlements AS s ON s.person_no = p.person_no
    JOIN settlements AS o ON o.person_no = p.other_no AND o.site_no = s.site_no AND o.day = s.day
)
SELECT DISTINCT l.group_no, h.person_no, h.settlement_no
FROM link AS l JOIN has AS h USING (person_no, kind, no)
ORDER BY ALL

-- makes: canonical persons
WITH probable AS (
    SELECT address_no, phone_no, row_number() OVER (ORDER BY address_no, phone_no) - 1 AS no
    FROM person_facts WHERE address_no IS NOT NULL AND phone_no IS NOT NULL
    GROUP BY address_no, phone_no HAVING count(*) >= 2
)
SELECT f.person_no, f.person_id, nullif(m.meaning, '') AS sex, year(f.born) AS birth_year, f.insurance_type, f.division,
    f.died_on, f.enrolled_from, f.enrolled_until, f.household_no, p.no AS probable_household_no, f.address_no,
    l.no AS locality_no, f.phone_no, f.employer_no
FROM person_facts f
LEFT JOIN probable p ON p.address_no = f.address_no AND p.phone_no = f.phone_no
LEFT JOIN key_address a ON a.no = f.address_no
LEFT JOIN key_locality l ON l.value = as_locality(a.value)
LEFT JOIN meanings m ON m.code_table = 'gend' AND m.code = f.gend
ORDER BY person_no

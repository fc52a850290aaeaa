SELECT person_id, sex, birth_year, insurance_type, division, died_on, enrolled_from, enrolled_until
FROM persons

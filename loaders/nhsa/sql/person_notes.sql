-- makes: notes
SELECT 'psn_info_b', 'person created from a settlement because the register lacks it', count(*) FROM person_facts
WHERE NOT registered AND EXISTS (FROM clean.psn_info_b)
HAVING count(*) > 0

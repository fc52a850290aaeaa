-- makes: canonical identifiers
WITH carried AS (
    SELECT DISTINCT 'phone' AS kind, phone_no AS no, person_no FROM (
        SELECT phone_no, person_no FROM canonical.persons
        UNION SELECT phone_no, person_no FROM canonical.settlements
        UNION SELECT phone_no, person_no FROM canonical.manual_cases
        UNION SELECT phone_no, person_no FROM canonical.registrations)
    UNION ALL SELECT 'address', address_no, person_no FROM canonical.persons
    UNION ALL SELECT 'household', household_no, person_no FROM canonical.persons
    UNION ALL SELECT 'bank_account', bank_account_no, person_no FROM (
        SELECT bank_account_no, person_no FROM canonical.manual_cases
        UNION SELECT p.bank_account_no, coalesce(c.person_no, s.person_no) FROM canonical.payouts p
        LEFT JOIN canonical.manual_cases c USING (case_no)
        LEFT JOIN canonical.settlements s ON s.settlement_no = p.settlement_no)
    UNION ALL SELECT DISTINCT 'agent', agent_no, person_no FROM canonical.registrations
), counts AS (
    SELECT kind, no, count(DISTINCT person_no) AS persons FROM carried WHERE no IS NOT NULL GROUP BY ALL
), known AS (
    SELECT 'phone' AS kind, no, id FROM key_phone
    UNION ALL SELECT 'address', no, id FROM key_address
    UNION ALL SELECT 'household', no, id FROM key_household
    UNION ALL SELECT 'bank_account', no, id FROM key_bank_account
    UNION ALL SELECT 'agent', no, id FROM key_agent
    UNION ALL SELECT 'terminal', no, id FROM key_terminal
)
SELECT k.kind, k.no, k.id, coalesce(c.persons, 0) AS persons
FROM known k LEFT JOIN counts c USING (kind, no)
ORDER BY kind, no

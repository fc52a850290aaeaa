-- makes: exceptions benign_register
SELECT 'benign_register', file_no, line, false, 'person', NULL, true, 'entry about nobody in the source'
FROM benign_facts f
WHERE person_no IS NULL AND site_no IS NULL
    AND (address_no IS NULL OR address_no NOT IN (
        SELECT address_no FROM canonical.persons WHERE address_no IS NOT NULL
        UNION SELECT address_no FROM canonical.sites WHERE address_no IS NOT NULL))

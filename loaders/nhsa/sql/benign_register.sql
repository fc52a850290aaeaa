-- makes: canonical benign_register
SELECT row_number() OVER (ORDER BY f.kind, person_no NULLS LAST, site_no NULLS LAST, address_no NULLS LAST, from_at, until_at,
        note) - 1 AS entry_no,
    f.kind, person_no, site_no, address_no, from_at::DATE AS from_on, until_at::DATE AS until_on, note
FROM benign_facts f
WHERE EXISTS (FROM clean.benign_register c WHERE c.file_no = f.file_no AND c.line = f.line)
ORDER BY entry_no

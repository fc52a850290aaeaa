WITH used AS (
    SELECT terminal_no, count(DISTINCT site_no) AS sites FROM sign_ins WHERE terminal_no IS NOT NULL GROUP BY terminal_no
)
SELECT i.id AS terminal_id, coalesce(used.sites, 0) AS sites
FROM identifiers AS i
LEFT JOIN used ON used.terminal_no = i.no
WHERE i.kind = 'terminal'

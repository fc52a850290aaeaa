-- Days on which a person settled at a site.
SELECT person_no, site_no, count(DISTINCT day) AS n FROM co_visits GROUP BY person_no, site_no

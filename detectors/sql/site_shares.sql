-- Per group and site: settlements inside the sessions there.
SELECT i.group_no, i.site_no, any_value(x.kind) AS kind, count(*) AS n, count(DISTINCT i.day) AS days
FROM inside AS i JOIN sites AS x USING (site_no)
GROUP BY i.group_no, i.site_no

-- Visits at one desk in one hour of the day with one item, where a site's visits with the item are there far more often
-- than its others. A cell is a site, the operator, the hour and an item. Households count: `told` is the cell's share of the
-- site's visits with the item, times the households that come for it. Cells of fewer than $least_units households, and those
-- in which visits with the item are not $least_lift times as frequent as others, are left out. `held` counts the cells tried.
-- Items go by a hash of their code here, and sites by shards ($sites): a city's households by cell do not fit into memory.
WITH visits AS MATERIALIZED (
    SELECT
        s.settlement_no, s.person_no, unit_of(p.household_no, p.probable_household_no, s.person_no) AS unit_no,
        s.site_no, s.day, s.handler_no, coalesce(s.handler_no, -1) AS desk_no, s.minute // 60 AS hour
    FROM settlements AS s JOIN persons AS p USING (person_no)
    WHERE s.is_event AND NOT s.is_manual AND s.kind NOT IN ('inpatient', 'maternity') AND s.has_clock
      AND s.site_no IN (SELECT unnest($sites::INTEGER[]))
      AND s.site_no NOT IN (
        SELECT site_no FROM site_faults WHERE fault IN ('no_clock', 'bunched_stamps', 'one_stamp_a_day', 'clock_offset')
      )
),
billed AS MATERIALIZED (
    SELECT DISTINCT l.settlement_no, hash(l.item_code) AS item
    FROM lines AS l SEMI JOIN visits AS v USING (settlement_no)
    WHERE l.amount_fen > 0 AND l.item_code IS NOT NULL
),
given AS MATERIALIZED (
    SELECT v.site_no, b.item, v.desk_no, v.hour, v.unit_no, count(*) AS n
    FROM billed AS b JOIN visits AS v USING (settlement_no)
    GROUP BY ALL
),
cells AS (SELECT site_no, item, desk_no, hour, sum(n) AS n, count(*) AS units FROM given GROUP BY ALL),
items_at AS (
    SELECT site_no, item, sum(n) AS n, count(*) AS units
    FROM (SELECT site_no, item, unit_no, sum(n) AS n FROM given GROUP BY site_no, item, unit_no)
    GROUP BY site_no, item
),
desks AS (SELECT site_no, desk_no, hour, count(*) AS n FROM visits GROUP BY ALL),
at_site AS (SELECT site_no, sum(n) AS n FROM desks GROUP BY site_no),
judged AS (
    SELECT
        c.site_no, c.item, c.desk_no, c.hour, i.units, i.units * c.n / i.n AS told, c.n / i.n AS share,
        -- among visits without the item, one more there and one elsewhere
        (d.n - c.n + 1) / (t.n - i.n + 2) AS usual, d.n / t.n AS of_all, count(*) OVER () AS held
    FROM cells AS c
    JOIN items_at AS i USING (site_no, item)
    JOIN desks AS d USING (site_no, desk_no, hour)
    JOIN at_site AS t USING (site_no)
    WHERE c.units >= $least_units
)
SELECT
    j.site_no, any_value(l.item_code) AS item_code, j.desk_no, j.hour, any_value(j.units) AS units, any_value(j.told) AS told,
    any_value(j.share) AS share, any_value(j.usual) AS usual, any_value(j.held) AS held,
    v.settlement_no, v.person_no, v.unit_no, v.day, v.handler_no
FROM judged AS j
JOIN visits AS v ON v.site_no = j.site_no AND v.desk_no = j.desk_no AND v.hour = j.hour
JOIN lines AS l ON l.settlement_no = v.settlement_no AND hash(l.item_code) = j.item AND l.amount_fen > 0
WHERE j.share >= $least_lift * j.usual
  -- where the cell is most of what lacks another item, that item's own hours look unusual
  AND j.share >= 2 * j.of_all
GROUP BY j.site_no, j.item, j.desk_no, j.hour, v.settlement_no, v.person_no, v.unit_no, v.day, v.handler_no
ORDER BY j.site_no, j.desk_no, j.hour, item_code, v.settlement_no

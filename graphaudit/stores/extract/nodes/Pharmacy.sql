-- Pauses may overlap each other, so days are counted once each and only within the build's period.
WITH period AS (
    SELECT CAST(min(settled_at) AS DATE) AS first_on, CAST(max(settled_at) AS DATE) AS last_on FROM settlements
), paused AS (
    SELECT DISTINCT p.site_no, unnest(generate_series(
        greatest(CAST(p.from_at AS DATE), period.first_on),
        least(coalesce(CAST(p.until_at AS DATE), period.last_on), period.last_on),
        INTERVAL 1 DAY
    )) AS day_on
    FROM site_pauses AS p, period
), pauses AS (
    SELECT site_no, count(*) AS days FROM paused GROUP BY site_no
), degree AS (
    SELECT site_no, count(*) AS settlements FROM settlements GROUP BY site_no
)
SELECT s.site_id AS pharmacy_id, s.name, s.chain_id, s.division, s.owner_id,
    coalesce(degree.settlements, 0) AS settlements, coalesce(pauses.days, 0) AS suspended_days
FROM sites AS s
LEFT JOIN degree ON degree.site_no = s.site_no
LEFT JOIN pauses ON pauses.site_no = s.site_no
WHERE s.kind = 'pharmacy'

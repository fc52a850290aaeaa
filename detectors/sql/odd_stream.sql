-- Stream "odd": visits that are odd for the person who made them: at a site visited at most twice, and either with a
-- kind of credential the person seldom uses, or for a fee well above (e^0.3) what the person's other visits cost,
-- given the kind of place and service. Two of them at one site within a day of each other are a meeting.
WITH visits AS (
    SELECT
        s.person_no, s.settlement_no, s.site_no, s.day, c.kind AS credential,
        ln(greatest(s.total_fen, 1)) - avg(ln(greatest(s.total_fen, 1))) OVER (PARTITION BY x.kind, s.kind, x.level) AS fee
    FROM settlements AS s
    JOIN sites AS x ON x.site_no = s.site_no
    LEFT JOIN cards AS c ON c.card_no = s.card_no
    WHERE s.is_event AND NOT s.is_manual AND s.kind NOT IN ('inpatient', 'maternity')
),
compared AS (
    SELECT
        *,
        count(*) OVER person AS n,
        count(*) OVER (PARTITION BY person_no, site_no) AS here,
        count(*) OVER (PARTITION BY person_no, credential) AS with_credential,
        -- mean of the other visits, shrunk to the city's by one visit
        (sum(fee) OVER person - fee) / count(*) OVER person AS usual_fee
    FROM visits
    WINDOW person AS (PARTITION BY person_no)
)
SELECT
    person_no, settlement_no, site_no, day, CAST(day AS BIGINT) * 86400 AS at_s, 86400 AS window_s,
    fee - usual_fee AS fee_gap,
    coalesce(credential IS NOT NULL AND with_credential < 0.4 * n, FALSE) AS unusual_credential
FROM compared
WHERE here <= 2 AND n > 2
  AND (fee - usual_fee > 0.3 OR (credential IS NOT NULL AND with_credential < 0.4 * n))

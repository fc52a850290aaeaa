-- One row for every settlement that is a visit, a purchase, a stay or a paper case, with what can be measured of it. `peers`
-- is the same service at the same kind and level of place; fees and lengths are taken against peers with the same diagnosis
-- where there are at least thirty.
WITH billed AS (
    SELECT
        settlement_no, ln(count(*)) AS lines, ln(greatest(sum(greatest(quantity, 0)), 1)) AS quantity,
        CASE WHEN count(*) > 1 THEN max(amount_fen) / nullif(sum(amount_fen), 0) END AS top_share
    FROM lines WHERE amount_fen > 0
    GROUP BY settlement_no
),
plain AS (
    SELECT
        s.settlement_no, s.person_no, s.site_no, s.day, s.total_fen, x.longitude, x.latitude, CAST(c.kind AS departure_credential) AS credential,
        CAST(substr(s.diagnosis_code, 1, 3) AS departure_diagnosis) AS diagnosis,
        CASE
            WHEN s.is_manual THEN 'paper' WHEN s.kind IN ('inpatient', 'maternity') THEN 'stay'
            WHEN s.kind = 'pharmacy' THEN 'purchase' ELSE 'visit'
        END AS service,
        hash(s.is_manual, s.kind, x.kind, x.level) AS peers,
        ln(greatest(s.total_fen, 100)) AS fee, b.lines, b.quantity, b.top_share,
        s.fund_fen / greatest(s.total_fen, 1) AS fund_share,
        s.account_fen / greatest(s.total_fen, 1) AS account_share,
        CASE WHEN s.has_clock AND NOT s.is_manual THEN s.minute / 60 END AS hour,
        CASE WHEN s.refunded_fen > 0 THEN 1 ELSE 0 END AS refunded,
        CASE WHEN s.kind IN ('inpatient', 'maternity') THEN ln(1 + greatest(date_diff('day', s.begin_at, s.end_at), 0)) END AS length,
        CASE WHEN s.kind IN ('inpatient', 'maternity') THEN CASE WHEN s.bed IS NULL THEN 1 ELSE 0 END END AS no_bed
    FROM settlements AS s
    JOIN sites AS x USING (site_no)
    LEFT JOIN cards AS c USING (card_no)
    LEFT JOIN billed AS b USING (settlement_no)
    WHERE s.is_event OR s.is_manual
),
kin AS (
    SELECT
        peers, avg(fee) AS fee, avg(length) AS length, avg(lines) AS lines, avg(quantity) AS quantity,
        avg(top_share) AS top_share, avg(fund_share) AS fund_share, avg(account_share) AS account_share
    FROM plain GROUP BY peers
),
ill AS (
    SELECT peers, diagnosis, avg(fee) AS fee, avg(length) AS length
    FROM plain WHERE diagnosis IS NOT NULL GROUP BY peers, diagnosis HAVING count(*) >= 30
)
SELECT
    p.settlement_no, p.person_no, p.site_no, p.day, p.service, p.total_fen, p.longitude, p.latitude, p.credential, p.diagnosis,
    p.hour, p.refunded, p.no_bed,
    p.fee - coalesce(i.fee, k.fee) AS fee, p.length - coalesce(i.length, k.length) AS length, p.lines - k.lines AS lines,
    p.quantity - k.quantity AS quantity, p.top_share - k.top_share AS top_share, p.fund_share - k.fund_share AS fund_share,
    p.account_share - k.account_share AS account_share
FROM plain AS p
JOIN kin AS k USING (peers)
LEFT JOIN ill AS i ON i.peers = p.peers AND i.diagnosis = p.diagnosis

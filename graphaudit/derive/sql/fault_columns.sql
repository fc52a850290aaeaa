-- Columns that a site leaves empty while the other sites of its kind fill them: in nine of ten rows here, and in three of
-- ten at most at half of the others.
WITH rows_of AS (
    SELECT
        s.site_no, x.kind, s.kind AS service, s.doctor_no, s.handler_no, s.card_no, s.bed, t.terminal_no
    FROM settlements AS s
    JOIN sites AS x USING (site_no)
    LEFT JOIN settlement_terminals AS t USING (settlement_no)
    WHERE s.is_event AND NOT s.is_manual
),
counted AS (
    SELECT
        site_no, kind, count(*) AS n, count(doctor_no) AS doctors, count(handler_no) AS handlers, count(card_no) AS cards,
        count(terminal_no) AS terminals, count(*) FILTER (service = 'inpatient') AS stays,
        count(bed) FILTER (service = 'inpatient') AS beds
    FROM rows_of GROUP BY site_no, kind
),
measured AS (
    SELECT site_no, kind, 'no_doctor' AS fault, n - doctors AS affected, n AS tested FROM counted
    UNION ALL SELECT site_no, kind, 'no_operator', n - handlers, n FROM counted
    UNION ALL SELECT site_no, kind, 'no_credential', n - cards, n FROM counted
    UNION ALL SELECT site_no, kind, 'no_terminal', n - terminals, n FROM counted
    UNION ALL SELECT site_no, kind, 'no_bed', stays - beds, stays FROM counted WHERE stays > 0
),
compared AS (
    SELECT *, affected / tested AS share, median(affected / tested) OVER (PARTITION BY fault, kind) AS usual
    FROM measured
    WHERE tested >= 30
)
SELECT site_no, fault, affected, tested, share, usual, CAST(NULL AS INTEGER) AS minutes
FROM compared
WHERE share >= 0.9 AND usual <= 0.3

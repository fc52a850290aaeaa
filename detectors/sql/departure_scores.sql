-- One row a settlement of a service, with a bit for each dimension in which it lies beyond the limit of its service and how
-- far it departs in all of them. bits and odd run over the dimensions and are put in by detectors/departures.py.
SELECT
    m.settlement_no, m.person_no, m.site_no, m.day, m.service, m.fee_high AS fee_gap,
    coalesce(m.credential > 0.6, FALSE) AS unusual_credential,
    [[bits]] AS bits,
    -- whole hundred-thousandths, so that the order of summing does not decide a rank
    CAST(round(1e5 * ([[odd]])) AS BIGINT) AS odd
FROM departure_measures AS m
WHERE m.service = $service

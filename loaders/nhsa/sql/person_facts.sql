-- makes: view person_facts
-- Still in the source's own values: what the register says, else the current enrolment, else the settlements.
WITH enrolled AS (
    SELECT * FROM clean.psn_insu_d
    QUALIFY row_number() OVER (PARTITION BY psn_no
        ORDER BY psn_insu_stas IS NULL OR is_one_of(psn_insu_stas, 'active_psn_insu_stas') DESC,
        crt_insu_date DESC NULLS LAST, psn_insu_date DESC NULLS LAST, psn_insu_rlts_id, insutype, insu_admdvs, emp_no,
        paus_insu_date) = 1
), deaths AS (
    SELECT psn_no, min(died) AS died FROM (
        SELECT psn_no, coalesce(died_at, CASE WHEN is_one_of(discharge_way, 'dead_dscg_way') THEN end_at END)::DATE AS died
        FROM settled WHERE died_at IS NOT NULL OR discharge_way IS NOT NULL
        UNION ALL
        SELECT psn_no, coalesce(die_date, CASE WHEN is_one_of(dscg_way, 'dead_dscg_way') THEN endtime END)::DATE
        FROM clean.mdtrt_d WHERE die_date IS NOT NULL OR dscg_way IS NOT NULL
        UNION ALL SELECT psn_no, die_date::DATE FROM clean.psn_info_b
    ) WHERE died IS NOT NULL GROUP BY psn_no
), unregistered AS (
    SELECT s.psn_no, s.phone, s.address FROM settled s ANTI JOIN clean.psn_info_b b ON b.psn_no = s.psn_no
), said_phone AS (
    SELECT psn_no, max({'n': n, 'no': -no}) AS best FROM (
        SELECT s.psn_no, p.no, count(*) AS n FROM unregistered s JOIN phones p ON p.raw = s.phone GROUP BY ALL)
    GROUP BY psn_no
), said_address AS (
    SELECT psn_no, max({'n': n, 'no': -no}) AS best FROM (
        SELECT s.psn_no, a.no, count(*) AS n FROM unregistered s JOIN addresses a ON a.raw = s.address GROUP BY ALL)
    GROUP BY psn_no
)
SELECT k.no AS person_no, k.value AS psn_no, k.id AS person_id,
    coalesce(b.gend, l.sex) AS gend, coalesce(b.brdy, l.born) AS born,
    coalesce(e.insutype, l.insurance_type) AS insurance_type,
    coalesce(e.insu_admdvs, l.division) AS division,
    -- Without a date of death, the end of the enrolment of a person marked dead is the latest it can be.
    coalesce(d.died, CASE WHEN is_one_of(b.surv_stas, 'dead_surv_stas') THEN e.paus_insu_date::DATE END) AS died_on,
    coalesce(e.crt_insu_date, e.psn_insu_date)::DATE AS enrolled_from, e.paus_insu_date::DATE AS enrolled_until,
    h.no AS household_no,
    coalesce(live.no, registered.no, CASE WHEN b.psn_no IS NULL THEN -sa.best.no END) AS address_no,
    coalesce(mobile.no, landline.no, CASE WHEN b.psn_no IS NULL THEN -sp.best.no END) AS phone_no,
    y.employer_no, coalesce(b.psn_name, l.name) AS name, b.psn_no IS NOT NULL AS registered
FROM key_person k
LEFT JOIN clean.psn_info_b b ON b.psn_no = k.value
LEFT JOIN enrolled e ON e.psn_no = k.value
LEFT JOIN seen_persons l ON l.psn_no = k.value
LEFT JOIN deaths d ON d.psn_no = k.value
LEFT JOIN said_phone sp ON sp.psn_no = k.value
LEFT JOIN said_address sa ON sa.psn_no = k.value
LEFT JOIN key_household h ON h.value = as_household(b.resdbook_no)
LEFT JOIN addresses live ON live.raw = b.live_addr
LEFT JOIN addresses registered ON registered.raw = b.hsreg_addr
LEFT JOIN phones mobile ON mobile.raw = b.mob
LEFT JOIN phones landline ON landline.raw = b.tel
LEFT JOIN canonical.employers y ON y.employer_id = coalesce(e.emp_no, l.employer) AND NOT y.is_virtual

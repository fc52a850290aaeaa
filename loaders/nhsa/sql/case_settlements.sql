-- makes: view case_settlements
-- The settlement that paid a case: by the visit, else by invoice and person; the last one that was not refunded.
WITH candidates AS (
    SELECT c.med_fee_reg_id AS case_id, s.setl_id, 1 AS way, s.refunded_fen > 0 AS refunded, s.settled_at
    FROM clean.cent_manl_reim_reg_d c JOIN settled s ON s.mdtrt_id = c.mdtrt_id AND s.psn_no = c.psn_no
    UNION ALL
    SELECT c.med_fee_reg_id, s.setl_id, 2, s.refunded_fen > 0, s.settled_at
    FROM clean.cent_manl_reim_reg_d c JOIN settled s ON s.invoice_no = c.invono AND s.psn_no = c.psn_no
    WHERE s.is_manual
)
SELECT case_id, setl_id FROM candidates
QUALIFY row_number() OVER (PARTITION BY case_id ORDER BY way, refunded, settled_at DESC, setl_id) = 1

"""Each kind of ring, not hiding, does what its name says and what the records of the place can show."""

from __future__ import annotations

from tests.graphaudit.simulation.delivered import Delivered, ids

TRADED = "SELECT hilist_name FROM fee_list_d JOIN ring_settlements USING (setl_id) WHERE pattern = 'drug_resale'"


def test_hoarded_cards_are_swiped_within_the_hour_on_many_days(city: Delivered) -> None:
    for ring in city.rings("hoarded_cards"):
        sessions = city.rows(
            """SELECT day, count(DISTINCT person), count(DISTINCT site), date_diff('second', min(moment), max(moment))
               FROM visits WHERE ring = $1 GROUP BY day""",
            ring["id"],
        )
        holders = len(ids(ring, "person", "card_holder"))
        assert len(sessions) >= 8
        assert all(sites == 1 and seconds <= 3_600 for _, _, sites, seconds in sessions)
        assert sum(came for _, came, _, _ in sessions) >= 0.75 * holders * len(sessions)


def test_hoarded_cards_are_plastic_and_pass_over_one_desk(city: Delivered) -> None:
    for ring in city.rings("hoarded_cards"):
        plastic, desks = city.rows(
            """SELECT avg(CAST(card_type = '03' AS INT)), mode(site || ':' || operator) FROM visits WHERE ring = $1""",
            ring["id"],
        )[0]
        assert plastic > 0.85
        assert ids(ring, "handler", "operator") == [desks]


def test_hoarded_cards_buy_more_than_others_do(city: Delivered) -> None:
    ring, others = (
        city.one(
            f"""SELECT avg(CAST(cnt AS INT)) FROM fee_list_d JOIN visits USING (setl_id)
                WHERE pay_loc = '2' AND list_type = '101' AND {which}"""
        )
        for which in ("pattern = 'hoarded_cards'", "ring IS NULL AND visits.med_type = '41'")
    )
    assert ring > 1.4 * others


def test_impersonation_leaves_a_contradiction_in_every_ring(city: Delivered) -> None:
    for ring in city.rings("impersonation"):
        assert city.one("SELECT min(card_type) || max(card_type) FROM visits WHERE ring = $1", ring["id"]) == "0303"
        shared = ids(ring, "card", "shared_card")
        if shared:
            users = city.one(
                "SELECT count(DISTINCT person) FROM visits WHERE ring = $1 AND card_type || '-' || card_no = $2",
                ring["id"],
                shared[0],
            )
            assert users >= 3
            continue
        elsewhere = city.one(
            """SELECT count(DISTINCT r.setl_id) FROM visits r JOIN visits o
               ON o.person = r.person AND o.site <> r.site AND o.ring IS NULL AND (
                   abs(date_diff('second', o.moment, r.moment)) <= 1_200
                   OR (o.med_type = '21' AND r.moment BETWEEN o.begins AND o.ends))
               WHERE r.ring = $1""",
            ring["id"],
        )
        assert elsewhere >= 3


def test_inducement_brings_most_members_in_and_out_together(city: Delivered) -> None:
    for ring in city.rings("inducement"):
        patients = len(ids(ring, "person", "patient"))
        waves = city.rows(
            """SELECT site, count(DISTINCT person), date_diff('day', min(ends), max(ends)) FROM visits
               WHERE ring = $1 AND med_type = '21' GROUP BY site, CAST(begins AS DATE)""",
            ring["id"],
        )
        assert sum(came >= 0.6 * patients for _, came, _ in waves) >= 3
        assert all(days_apart <= 1 for *_, days_apart in waves)
        assert city.one("SELECT count(*) FROM visits WHERE ring = $1 AND med_type <> '21'", ring["id"]) == 0


def test_inducement_writes_one_phone_and_one_bill(city: Delivered) -> None:
    for ring in city.rings("inducement"):
        (recruiter,) = ids(ring, "person", "recruiter")
        phone = city.one("SELECT tel FROM psn_info_b WHERE psn_no = $1", recruiter)
        assert city.one("SELECT avg(CAST(tel = $1 AS INT)) FROM visits WHERE ring = $2", phone, ring["id"]) > 0.7
        bills, stays = city.rows(
            """SELECT count(DISTINCT bill), count(*) FROM (
                   SELECT setl_id, string_agg(hilist_code || '×' || cnt, ',' ORDER BY hilist_code, cnt) AS bill
                   FROM fee_list_d JOIN visits USING (setl_id) WHERE ring = $1 GROUP BY setl_id)""",
            ring["id"],
        )[0]
        assert bills <= 0.6 * stays


def test_insider_enters_and_reviews_alone_and_pays_few_accounts(city: Delivered) -> None:
    for ring in city.rings("insider"):
        (handler,) = ids(ring, "handler")
        cases, alone, accounts = city.rows(
            """SELECT count(DISTINCT med_fee_reg_id),
                      count(DISTINCT CASE WHEN c.crter_id = $1 AND r.opter_id = $1 THEN med_fee_reg_id END),
                      count(DISTINCT c.bankacct)
               FROM cent_manl_reim_reg_d c JOIN visits USING (mdtrt_id)
               JOIN cent_manl_reim_reg_evt_c USING (med_fee_reg_id)
               JOIN biz_gen_chk_d r ON evt_inst_id = evtsn AND r.rchk_flag = '5' WHERE ring = $2""",
            handler,
            ring["id"],
        )[0]
        assert cases == len(ring["settlements"])
        assert alone > 0.8 * cases
        assert accounts == len(ids(ring, "bank_account", "payee")) < cases / 4


def test_insider_uses_one_invoice_more_than_once_and_nobody_else_does(city: Delivered) -> None:
    repeated = city.rows(
        """SELECT invono, min(ring), bool_or(ring IS NULL) FROM visits JOIN setl_d USING (setl_id)
           WHERE invono IS NOT NULL GROUP BY invono HAVING count(DISTINCT visits.person) > 1"""
    )
    assert {ring for _, ring, _ in repeated} == {ring["id"] for ring in city.rings("insider")}
    assert not any(honest for *_, honest in repeated)


def test_doctor_and_pharmacy_share_patients_within_a_day(city: Delivered) -> None:
    for ring in city.rings("doctor_pharmacy"):
        (doctor,), sites = ids(ring, "doctor"), ids(ring, "pharmacy", "site")
        seen = city.column("SELECT DISTINCT doctor FROM visits WHERE ring = $1 AND doctor IS NOT NULL", ring["id"])
        assert set(seen) <= {doctor, "未知"}
        seen, filled = city.rows(
            """SELECT count(*), count(*) FILTER (EXISTS (SELECT 1 FROM visits b WHERE b.ring = a.ring
                   AND b.person = a.person AND list_contains($2::VARCHAR[], b.site)
                   AND b.moment BETWEEN a.moment AND a.moment + INTERVAL 1 DAY))
               FROM visits a WHERE ring = $1 AND med_type = '11'""",
            ring["id"],
            sites,
        )[0]
        assert filled > 0.8 * seen


def test_doctor_and_pharmacy_charge_more_for_the_same_goods(city: Delivered) -> None:
    dearer = city.one(
        """WITH priced AS (SELECT hilist_code, CAST(pric AS DOUBLE) AS price, pattern FROM fee_list_d
               JOIN visits USING (setl_id) WHERE visits.med_type = '41')
           SELECT median(r.price / o.price) FROM priced r
           JOIN (SELECT hilist_code, median(price) AS price FROM priced WHERE pattern IS NULL GROUP BY 1) o
           USING (hilist_code) WHERE r.pattern = 'doctor_pharmacy'"""
    )
    assert 1.4 < dearer < 2.0


def test_resellers_buy_traded_drugs_at_several_outlets_beyond_need(city: Delivered) -> None:
    for ring in city.rings("drug_resale"):
        per_person = city.rows(
            """SELECT person, count(DISTINCT site), sum(CAST(cnt AS INT)) FROM visits JOIN fee_list_d USING (setl_id)
               WHERE ring = $1 GROUP BY person""",
            ring["id"],
        )
        assert all(packs > 20 for *_, packs in per_person)
        assert sum(sites >= 3 for _, sites, _ in per_person) > len(per_person) / 2
    assert city.one(f"SELECT count(DISTINCT hilist_name) FROM ({TRADED})") >= 4


def test_resold_packs_reach_customers_who_know_nothing(city: Delivered) -> None:
    for ring in city.rings("drug_resale"):
        (outlet,) = ids(ring, "pharmacy", "outlet")
        again = city.rows(
            """SELECT b.site, b.ring FROM selinfo_3505 s JOIN visits a ON a.setl_id = s.setl_id AND a.ring = $1
               JOIN selinfo_3505 t ON t.drug_trac_codg = s.drug_trac_codg AND t.setl_id <> s.setl_id
                    AND t.psn_no <> s.psn_no AND t.sel_retn_time > s.sel_retn_time
               JOIN visits b ON b.setl_id = t.setl_id WHERE s.trdn_flag = '0'""",
            ring["id"],
        )
        assert again
        assert {site for site, _ in again} == {outlet}
        assert {found for _, found in again} == {None}


def test_a_suspended_pharmacy_is_settled_elsewhere_on_a_second_terminal(city: Delivered) -> None:
    for ring in city.rings("proxy_settlement"):
        (hidden,) = ids(ring, "pharmacy", "hidden_site")
        begins = city.one("SELECT begntime FROM fixmedins_paus_d WHERE fixmedins_code = $1", hidden)
        assert city.one("SELECT count(*) FROM visits WHERE site = $1 AND moment >= $2::TIMESTAMP", hidden, begins) == 0
        assert str(city.one("SELECT min(moment) FROM visits WHERE ring = $1", ring["id"])) >= begins
        before = city.one(
            """SELECT count(DISTINCT id) FROM ring_members
               JOIN visits ON person = id AND site = $1 AND moment < $2::TIMESTAMP
               WHERE ring_members.ring = $3 AND role = 'buyer'""",
            hidden,
            begins,
            ring["id"],
        )
        assert before >= 0.6 * len(ids(ring, "person", "buyer"))
        for outlet in ids(ring, "pharmacy", "outlet"):
            days = city.rows(
                """SELECT sign_in_mac, count(DISTINCT CAST(sign_in_time AS DATE)), min(sign_in_time)
                   FROM fixmedins_sign_b WHERE fixmedins_code = $1 GROUP BY 1""",
                outlet,
            )
            second = [row for row in days if row[1] < 150]
            assert len(second) == 1
            assert second[0][2] >= begins


def test_sham_stays_have_no_bed_and_no_nursing_and_the_patient_about_town(city: Delivered) -> None:
    for ring in city.rings("sham_stay"):
        assert city.one("SELECT count(*) FROM visits WHERE ring = $1 AND med_type <> '21'", ring["id"]) == 0
        lain = city.one(
            """SELECT count(*) FROM visits JOIN fee_list_d USING (setl_id)
               WHERE ring = $1 AND (hilist_name LIKE '%床位费%' OR hilist_name LIKE '%护理%')""",
            ring["id"],
        )
        assert lain == 0
        about = city.one(
            """SELECT count(DISTINCT r.setl_id) FROM visits r JOIN visits o ON o.person = r.person
               AND o.med_type = '41' AND o.moment > r.begins AND o.moment < r.ends WHERE r.ring = $1""",
            ring["id"],
        )
        assert about > len(ring["settlements"]) / 2


def test_real_stays_have_a_bed_and_nursing(city: Delivered) -> None:
    bare = city.one(
        """SELECT count(*) FROM visits v WHERE ring IS NULL AND med_type = '21' AND pay_loc = '2' AND NOT EXISTS (
           SELECT 1 FROM fee_list_d f WHERE f.setl_id = v.setl_id AND f.hilist_name LIKE '%床位费%')"""
    )
    assert bare == 0

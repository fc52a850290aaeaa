"""The truth is true: whoever it names is in the tables, did what it says, and nothing in the folder gives it away."""

from __future__ import annotations

import json

import pytest

from graphaudit.simulation import truth_path
from tests.graphaudit.simulation.delivered import Delivered, ids

PATTERNS = {
    "hoarded_cards", "impersonation", "inducement", "insider", "doctor_pharmacy", "drug_resale", "proxy_settlement",
    "sham_stay",
}  # fmt: skip
CLASSES = {
    "family", "couple", "infant_on_parent", "proxy_pickup", "household_payee", "companions", "dialysis_shift",
    "chemo_cycle", "rehabilitation", "monthly_refill", "market_day", "check_up", "nursing_home", "registered_agent",
    "shared_phone", "multi_site_doctor", "specialist_handler", "two_handler_office", "stay_outing", "clinic_closing",
    "clinic_opening", "site_suspended",
}  # fmt: skip

#: Where each type of member is registered.
REGISTERED = {
    "person": "SELECT psn_no FROM psn_info_b",
    "doctor": "SELECT dr_code FROM dr_info_b",
    "institution": "SELECT fixmedins_code FROM fixmedins_b WHERE fixmedins_type = '1'",
    "pharmacy": "SELECT fixmedins_code FROM fixmedins_b WHERE fixmedins_type = '2'",
    "bank_account": "SELECT bankacct FROM cent_manl_reim_reg_d",
    "card": "SELECT card_type || '-' || card_no FROM visits",
    "handler": "SELECT site || ':' || operator FROM visits UNION ALL SELECT opter_no FROM opt_psn_b",
}

#: What a ring's own settlements show of a member, by type.
SHOWN = {
    "person": "person",
    "doctor": "doctor",
    "institution": "site",
    "pharmacy": "site",
    "card": "card_type || '-' || card_no",
    "handler": "site || ':' || operator",
}


def test_the_truth_follows_its_contract(hiding: Delivered) -> None:
    truth = hiding.truth
    assert set(truth) == {"seed", "size", "camouflage", "rings", "benign"}
    for ring in truth["rings"]:
        assert set(ring) == {"id", "pattern", "members", "settlements", "amount"}
        assert all(set(member) == {"type", "id", "role"} for member in ring["members"])
        assert len(set(ring["settlements"])) == len(ring["settlements"]) > 0
        assert ring["settlements"] == sorted(ring["settlements"])
    for group in truth["benign"]:
        assert set(group) == {"id", "class", "members"}
        assert group["members"]
    for part in ("rings", "benign"):
        named = [one["id"] for one in truth[part]]
        assert len(set(named)) == len(named)
        for one in truth[part]:
            members = [(m["type"], m["id"]) for m in one["members"]]
            assert len(set(members)) == len(members)


def test_the_file_says_what_simulate_returned_and_stands_beside_the_folder(hiding: Delivered) -> None:
    written = truth_path(hiding.folder)
    assert written.parent == hiding.folder.parent
    assert written.name == f"{hiding.folder.name}.truth.json"
    assert json.loads(written.read_text(encoding="utf-8")) == hiding.truth


def test_nothing_in_the_folder_tells_of_rings(hiding: Delivered) -> None:
    assert not [file.name for file in hiding.folder.iterdir() if file.suffix != ".csv"]
    for table in hiding.tables():
        columns = hiding.column("SELECT column_name FROM information_schema.columns WHERE table_name = $1", table)
        assert not [name for name in columns if any(word in name.lower() for word in ("ring", "truth", "pattern"))]
    # A settlement's id is no hint: ring settlements lie spread over the whole range of ids.
    spread = hiding.column(
        "SELECT quantile_cont(CAST(setl_id AS DOUBLE), [0.1, 0.9]) FROM visits GROUP BY ring IS NULL"
    )
    span = spread[0][1] - spread[0][0]
    assert all(abs(a - b) < 0.1 * span for a, b in zip(*spread, strict=True))


def test_every_pattern_and_every_honest_class_is_there(hiding: Delivered) -> None:
    assert {ring["pattern"] for ring in hiding.truth["rings"]} == PATTERNS
    assert {group["class"] for group in hiding.truth["benign"]} == CLASSES


def test_everybody_whom_the_truth_names_is_in_the_tables(hiding: Delivered) -> None:
    for kind, registered in REGISTERED.items():
        absent = hiding.rows(
            f"""SELECT * FROM (SELECT ring AS owner, type, id, role FROM ring_members UNION ALL
                SELECT honest, type, id, role FROM honest_members) WHERE type = $1 AND id NOT IN ({registered})""",
            kind,
        )
        assert not absent, kind
    named = hiding.column("SELECT DISTINCT type FROM ring_members UNION SELECT DISTINCT type FROM honest_members")
    assert set(named) <= set(REGISTERED)


def test_every_settlement_of_a_ring_was_delivered_once_and_counts(hiding: Delivered) -> None:
    lost = hiding.rows(
        "SELECT * FROM ring_settlements WHERE setl_id NOT IN (SELECT setl_id FROM visits WHERE NOT void)"
    )
    assert not lost
    refunded = hiding.rows("SELECT r.* FROM ring_settlements r JOIN setl_d d ON d.init_setl_id = r.setl_id")
    assert not refunded
    assert hiding.one("SELECT count(*) - count(DISTINCT setl_id) FROM ring_settlements") == 0


def test_a_rings_amount_is_the_sum_of_its_settlements(hiding: Delivered) -> None:
    sums = dict(hiding.rows("SELECT ring, CAST(sum(total) AS DOUBLE) FROM visits WHERE ring IS NOT NULL GROUP BY ring"))
    assert {ring["id"]: ring["amount"] for ring in hiding.truth["rings"]} == pytest.approx(sums, abs=0.001)


def test_a_rings_settlements_are_its_own_members(hiding: Delivered) -> None:
    strangers = hiding.rows(
        """SELECT v.ring, v.person FROM visits v WHERE v.ring IS NOT NULL AND NOT EXISTS (
           SELECT 1 FROM ring_members m WHERE m.ring = v.ring AND m.type = 'person' AND m.id = v.person)"""
    )
    assert not strangers


def test_every_member_shows_in_the_rings_settlements(hiding: Delivered) -> None:
    for kind, shown in SHOWN.items():
        unseen = hiding.rows(
            f"""SELECT * FROM ring_members m WHERE type = $1 AND role NOT IN ('recruiter', 'hidden_site', 'handler')
                AND id NOT IN (SELECT {shown} FROM visits v WHERE v.ring = m.ring AND {shown} IS NOT NULL)""",
            kind,
        )
        if kind == "pharmacy":  # an outlet that only sells the packs again need not have sold them first
            unseen = [row for row in unseen if row[1] != "drug_resale"]
        assert not unseen, kind


def test_members_who_act_beside_the_settlements_show_elsewhere(hiding: Delivered) -> None:
    for ring in hiding.rings("inducement"):
        (recruiter,) = ids(ring, "person", "recruiter")
        phone = hiding.one("SELECT tel FROM psn_info_b WHERE psn_no = $1", recruiter)
        assert hiding.one("SELECT count(*) FROM visits WHERE ring = $1 AND tel = $2", ring["id"], phone) > 1
    for ring in hiding.rings("insider"):
        paid = hiding.column(
            """SELECT DISTINCT bankacct FROM cent_manl_reim_reg_d JOIN visits USING (mdtrt_id) WHERE ring = $1""",
            ring["id"],
        )
        assert ids(ring, "bank_account")
        assert set(ids(ring, "bank_account")) <= set(paid)
    for ring in hiding.rings("proxy_settlement"):
        (hidden,) = ids(ring, "pharmacy", "hidden_site")
        assert hiding.one("SELECT count(*) FROM fixmedins_paus_d WHERE fixmedins_code = $1", hidden) == 1


def test_nobody_is_in_two_rings_or_in_a_ring_with_somebody_from_home(city: Delivered) -> None:
    assert city.one("SELECT count(*) - count(DISTINCT id) FROM ring_members WHERE type = 'person'") == 0
    together = city.rows(
        """SELECT ring, resdbook_no FROM ring_members JOIN psn_info_b ON id = psn_no
           WHERE type = 'person' AND role <> 'recruiter' GROUP BY ALL HAVING count(*) > 1"""
    )
    assert not together


def test_every_honest_group_appears_in_the_tables(hiding: Delivered) -> None:
    silent = hiding.rows(
        """SELECT honest, class FROM honest_members WHERE type = 'person' GROUP BY ALL
           HAVING NOT bool_or(id IN (SELECT person FROM visits))"""
    )
    assert not silent


def test_a_city_without_rings_has_none_and_is_otherwise_the_same_city(city: Delivered, world) -> None:
    peaceful = world(rings=False)
    assert peaceful.truth["rings"] == []
    assert peaceful.one("SELECT count(*) FROM visits WHERE ring IS NOT NULL") == 0
    planned = CLASSES - {"stay_outing"}  # drawn with ordinary life, which rings make thinner

    def groups(of: Delivered) -> list[tuple[str, list[str]]]:
        return [(g["class"], ids(g, "person")) for g in of.truth["benign"] if g["class"] in planned]

    assert groups(peaceful) == groups(city)
    assert {group["class"] for group in peaceful.truth["benign"]} == CLASSES
    for table in ("psn_info_b", "fixmedins_b", "dr_info_b"):
        assert peaceful.rows(f"FROM {table} ORDER BY ALL") == city.rows(f"FROM {table} ORDER BY ALL"), table
    rings = city.one("SELECT count(*) FROM visits WHERE ring IS NOT NULL")
    assert 0 < city.one("SELECT count(*) FROM visits") - peaceful.one("SELECT count(*) FROM visits") < 2 * rings

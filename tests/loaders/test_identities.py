"""Persons and what ties them: pseudonyms, households, employers, cards, phones, operators and agency staff."""

from __future__ import annotations

import hashlib
import hmac
import stat
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from graphaudit.records import TABLES
from tests.loaders.source_builder import KEY, PHARMACY, SITE, Staged, settlement, stage_folder, write

NAME, CERTIFICATE, PHONE, ADDRESS = "欧阳若兮", "330102199001010011", "13957100001", "杭州市上城区望江路1号2幢303室"
ACCOUNT, CARD = "6222000011112222", "A12345678"


def person(number: int, **given: Any) -> dict[str, Any]:
    return {
        "psn_no": f"33010000000{number}",
        "psn_name": f"某人{number}",
        "certno": f"33010219900101001{number}",
        **given,
    }


PERSONS = [
    person(1, psn_name=NAME, certno=CERTIFICATE, gend="男", brdy="1990-01-01", resdbook_no="H0001", mob=PHONE,
           live_addr=ADDRESS),
    person(2, gend="2", resdbook_no="H0001", mob="13957100002", live_addr=ADDRESS),
    person(3, gend="9", resdbook_no="0000", mob="13957100003", live_addr="杭州市 下城区 中山路9号"),
    person(4, resdbook_no="", mob="+86 139-5710-0003", live_addr="杭州市下城区中山路9号"),
    person(5, mob="13800138000", live_addr="杭州市下城区中山路25号3幢", surv_stas="2"),
    person(6, die_date="2025-12-31"),
]  # fmt: skip
ENROLMENTS = [
    {"psn_no": "330100000001", "emp_no": "E1", "insutype": "310", "psn_insu_stas": "1", "crt_insu_date": "2020-01-01"},
    {"psn_no": "330100000001", "emp_no": "E2", "insutype": "390", "psn_insu_stas": "4", "crt_insu_date": "2024-01-01"},
    {"psn_no": "330100000002", "emp_no": "E2", "insutype": "390", "psn_insu_stas": "1", "crt_insu_date": "2024-01-01"},
    {"psn_no": "330100000005", "insutype": "390", "psn_insu_stas": "4", "paus_insu_date": "2025-11-30"},
]
EMPLOYERS = [
    {"emp_no": "E1", "emp_name": "某某有限公司", "emp_mgt_type": "1"},
    {"emp_no": "E2", "emp_name": "某街道居民", "emp_mgt_type": "08"},
]
SETTLEMENTS = [
    settlement("S1", mdtrt_cert_type="3", mdtrt_cert_no=CARD, opter_id="admin", opter_name="甲"),
    settlement("S2", fixmedins_code=PHARMACY, opter_id="admin", ssc_cardno=CARD),
    settlement("S3", psn_no="330100000002", mdtrt_cert_type="02", mdtrt_cert_no=CARD, opter_id="", crter_id="007"),
    settlement("S4", psn_no="330100000007", setl_type="1", opter_id="A77", optins_no="330102", gend="1", tel=PHONE),
]
CASES = [
    {"med_fee_reg_id": "F1", "mdtrt_id": "VS4", "psn_no": "330100000007", "bankacct": ACCOUNT[:4] + " " + ACCOUNT[4:],
     "acctname": NAME, "tel": PHONE, "crter_id": "A01", "crter_name": "乙", "opter_id": "A02", "sumfee": "100",
     "serv_matt_inst_id": "M1", "optins_no": "330102"},
]  # fmt: skip
REVIEWS = [
    {"biz_gen_chk_id": "B2", "serv_matt_inst_id": "M1", "opter_id": "A03", "opt_time": "2026-01-07", "rchk_flag": "1"},
    {"biz_gen_chk_id": "B1", "serv_matt_inst_id": "M1", "opter_id": "A02", "opt_time": "2026-01-06", "rchk_flag": "1"},
    {"biz_gen_chk_id": "B3", "serv_matt_inst_id": "other", "opter_id": "A09", "opt_time": "2026-01-06"},
]
PAYOUTS = [
    {"dfr_id": "D1", "souc_sn": "F1", "dfr_sumamt": "70.00", "bankacct": ACCOUNT, "fin_acen_time": "2026-01-08"},
    {"dfr_id": "D2", "souc_sn": "nothing", "dfr_sumamt": "1.00"},
]
STAFF = [{"opter_no": "A02", "psn_name": "丙", "certno": "330102199001010013", "afil_optins_no": "330103"}]
TABLES_WRITTEN = {
    "setl_d": SETTLEMENTS, "psn_info_b": PERSONS, "psn_insu_d": ENROLMENTS, "insu_emp_info_b": EMPLOYERS,
    "cent_manl_reim_reg_d": CASES, "biz_gen_chk_d": REVIEWS, "med_dfr_d": PAYOUTS, "opt_psn_b": STAFF,
}  # fmt: skip


@pytest.fixture(scope="module")
def staged(tmp_path_factory: pytest.TempPathFactory) -> Staged:
    folder = tmp_path_factory.mktemp("identities")
    return stage_folder(write(folder / "source", TABLES_WRITTEN), folder / "out")


def persons(staged: Staged, column: str) -> dict[str, Any]:
    """A column of persons, by the last digit of psn_no."""
    source = {no: source_id[-1] for kind, no, source_id in staged.rows("identities", "kind", "no", "source_id")
              if kind == "person"}  # fmt: skip
    return {source[no]: value for no, value in staged.rows("persons", "person_no", column)}


def handlers(staged: Staged, *columns: str) -> dict[str, tuple[Any, ...]]:
    return {row[0]: row[1:] for row in staged.rows("handlers", "handler_id", *columns)}


def test_numbers_follow_the_source_ids_from_zero(staged: Staged) -> None:
    source = [row[1:] for row in staged.rows("identities", "kind", "no", "source_id") if row[0] == "person"]
    assert source == [(number, f"33010000000{number + 1}") for number in range(7)]


def test_a_person_id_is_a_keyed_pseudonym(staged: Staged) -> None:
    expected = "P-" + hmac.new(KEY, b"P:330100000001", hashlib.sha256).hexdigest()[:24]
    assert persons(staged, "person_id")["1"] == expected


def test_no_table_but_the_restricted_one_holds_a_personal_value(staged: Staged) -> None:
    personal = [NAME, CERTIFICATE, PHONE, ADDRESS, ACCOUNT, CARD, "330100000001"]
    for declared in TABLES:
        text = repr(staged.rows(declared.name))
        found = [value for value in personal if value in text]
        assert bool(found) == declared.restricted, (declared.name, found)


def test_the_restricted_table_is_for_its_owner_alone(staged: Staged) -> None:
    mode = (staged.folder / "identities.parquet").stat().st_mode
    assert stat.S_IMODE(mode) == 0o600


def test_the_restricted_table_leads_back_to_source_id_and_name(staged: Staged) -> None:
    rows = {(kind, source_id): name for kind, source_id, name in staged.rows("identities", "kind", "source_id", "name")}
    assert rows["person", "330100000001"] == NAME
    assert rows["card", f"03-{CARD}"] is None
    assert rows["bank_account", ACCOUNT] == NAME
    assert rows["handler", f"{SITE}:admin"] == "甲"
    assert rows["handler", "A02"] == "丙"


def test_persons_of_one_household_book_are_a_known_household(staged: Staged) -> None:
    households = persons(staged, "household_no")
    assert households["1"] == households["2"] is not None
    assert households["3"] is None
    assert households["4"] is None


def test_a_shared_address_and_phone_make_a_probable_household(staged: Staged) -> None:
    probable = persons(staged, "probable_household_no")
    assert probable["3"] == probable["4"] is not None
    assert probable["1"] is None
    assert probable["5"] is None


def test_persons_of_one_street_share_a_locality(staged: Staged) -> None:
    localities = persons(staged, "locality_no")
    assert localities["3"] == localities["4"] == localities["5"] is not None
    assert localities["1"] == localities["2"] not in (None, localities["3"])


def test_a_placeholder_phone_belongs_to_nobody(staged: Staged) -> None:
    phones = persons(staged, "phone_no")
    assert phones["5"] is None
    assert phones["3"] == phones["4"] is not None


def test_a_virtual_employer_employs_nobody(staged: Staged) -> None:
    assert staged.rows("employers", "employer_id", "is_virtual") == [("E1", False), ("E2", True)]
    assert persons(staged, "employer_no") == {**dict.fromkeys("234567"), "1": 0}


def test_the_current_enrolment_counts(staged: Staged) -> None:
    assert persons(staged, "insurance_type")["1"] == "310"
    assert persons(staged, "enrolled_from")["1"] == date(2020, 1, 1)


def test_sex_is_known_or_null(staged: Staged) -> None:
    assert persons(staged, "sex") == {
        "1": "male",
        "2": "female",
        "3": None,
        "4": None,
        "5": None,
        "6": None,
        "7": "male",
    }


def test_a_death_comes_from_a_date_else_from_the_end_of_the_enrolment(staged: Staged) -> None:
    died = persons(staged, "died_on")
    assert died["6"] == date(2025, 12, 31)
    assert died["5"] == date(2025, 11, 30)
    assert died["1"] is None


def test_a_person_whom_the_register_lacks_is_created_and_noted(staged: Staged) -> None:
    assert "7" in persons(staged, "person_no")
    notes = staged.table("psn_info_b").notes
    assert notes["person created from a settlement because the register lacks it"] == 1


def test_a_card_is_type_and_number_with_its_lost_zero(staged: Staged) -> None:
    cards = [source_id for kind, source_id in staged.rows("identities", "kind", "source_id") if kind == "card"]
    assert cards == [f"02-{CARD}", f"03-{CARD}"]
    assert staged.rows("cards", "kind") == [("id_card",), ("social_security_card",)]
    by_settlement = dict(staged.rows("settlements", "settlement_id", "card_no"))
    assert by_settlement["S1"] == by_settlement["S2"] == 1
    assert by_settlement["S4"] is None


def test_an_operator_is_known_within_one_institution_only(staged: Staged) -> None:
    found = handlers(staged, "kind")
    assert found[f"{SITE}:admin"] == found[f"{PHARMACY}:admin"] == ("operator",)
    assert found[f"{SITE}:007"] == ("operator",)
    assert "admin" not in found


def test_agency_staff_are_known_by_their_own_number_and_most_used_office(staged: Staged) -> None:
    found = handlers(staged, "kind", "office", "site_no")
    assert found["A77"] == ("agency", "330102", None)
    assert found["A02"] == ("agency", "330103", None)
    assert "A09" not in found


def test_a_member_of_staff_may_be_an_insured_person(staged: Staged) -> None:
    ((person_no,),) = [row for handler, row in handlers(staged, "person_no").items() if handler == "A02"]
    assert person_no == persons(staged, "person_no")["3"]


def test_a_case_is_accepted_by_who_entered_it_and_reviewed_in_order_of_time(staged: Staged) -> None:
    numbers = {handler: no for handler, (no,) in handlers(staged, "handler_no").items()}
    assert staged.one("manual_cases", "accepted_by") == numbers["A01"]
    assert staged.rows("reviews", "review_id", "step", "handler_no") == [
        ("B1", 1, numbers["A02"]), ("B2", 2, numbers["A03"]),
    ]  # fmt: skip
    assert staged.table("biz_gen_chk_d").aside == {"review of another business": 1}


def flow(tmp_path: Path, office: str, told: int, others: int) -> dict[str, list[int]]:
    """Steps of every case of an office in which `told` cases begin with a node by who accepted, and `others` do not."""
    cases = [
        {**CASES[0], "med_fee_reg_id": f"F{n}", "serv_matt_inst_id": f"M{n}", "crter_id": "A01", "optins_no": office,
         "crte_time": "2026-01-05 09:00:00"}
        for n in range(told + others)
    ]  # fmt: skip
    nodes = [
        {"biz_gen_chk_id": f"B{n}-{k}", "serv_matt_inst_id": f"M{n}", "opter_id": handler, "rchk_flag": "1",
         "opt_time": f"2026-01-0{5 + k}", "optins_no": office}
        for n in range(told + others)
        for k, handler in enumerate(("A01" if n < told else "A02", "A03"))
    ]  # fmt: skip
    alone = {"biz_gen_chk_id": "B0-9", "serv_matt_inst_id": "M0", "opter_id": "A01", "opt_time": "2026-01-09"}
    tables = {**TABLES_WRITTEN, "cent_manl_reim_reg_d": cases, "biz_gen_chk_d": [*nodes, {**alone, "rchk_flag": "1"}]}
    staged = stage_folder(write(tmp_path / "source", tables), tmp_path / "out")
    steps: dict[str, list[int]] = {}
    for review, step in staged.rows("reviews", "review_id", "step"):
        steps.setdefault(review.partition("-")[0], []).append(step)
    return steps


def test_where_the_flow_writes_the_acceptance_as_a_node_it_is_no_review(tmp_path: Path) -> None:
    steps = flow(tmp_path, "330102", told=12, others=3)
    # who accepted and then reviewed all the same is seen at a later step
    assert steps.pop("B0") == [0, 1, 2]
    assert [steps[f"B{n}"] for n in range(1, 12)] == [[0, 1]] * 11
    assert [steps[f"B{n}"] for n in range(12, 15)] == [[1, 2]] * 3


def test_where_few_cases_begin_so_it_is_a_review_by_who_accepted(tmp_path: Path) -> None:
    steps = flow(tmp_path, "330102", told=3, others=12)
    assert steps.pop("B0") == [1, 2, 3]
    assert set(map(tuple, steps.values())) == {(1, 2)}


def test_a_payment_belongs_to_its_case_and_its_account_has_one_spelling(staged: Staged) -> None:
    case_account = staged.one("manual_cases", "bank_account_no")
    assert staged.rows("payouts", "payout_id", "case_no", "bank_account_no", "amount_fen") == [
        ("D1", 0, case_account, 7000)
    ]
    assert staged.table("med_dfr_d").aside == {"payment of another business": 1}


def test_an_identifier_counts_the_persons_who_carry_it(staged: Staged) -> None:
    source = {(kind, no): source_id for kind, no, source_id in staged.rows("identities", "kind", "no", "source_id")}
    carried = {source[kind, no]: persons for kind, no, persons in staged.rows("identifiers", "kind", "no", "persons")}
    assert carried[PHONE] == 2
    assert carried["H0001"] == 2
    assert carried[ADDRESS] == 2
    assert carried[ACCOUNT] == 1


def test_required_columns_are_filled_and_keys_are_unique_in_every_table(staged: Staged) -> None:
    for declared in TABLES:
        keys = staged.rows(declared.name, *declared.key)
        assert len(keys) == len(set(keys)), declared.name
        for column in declared.columns:
            if column.required:
                assert None not in staged.column(declared.name, column.name), (declared.name, column.name)


def test_tables_have_the_declared_columns(staged: Staged) -> None:
    import duckdb

    for declared in TABLES:
        path = staged.folder / f"{declared.name}.parquet"
        described = duckdb.sql(f"DESCRIBE SELECT * FROM read_parquet('{path}')").fetchall()
        assert [row[:2] for row in described] == [(column.name, column.kind) for column in declared.columns]

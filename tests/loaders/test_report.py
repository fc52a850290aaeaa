"""The build report's part of the load: what was read, what is missing, and what the source really delivered."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from graphaudit.records import TABLES
from loaders.nhsa.catalog import SOURCES
from tests.loaders import test_identities, test_settlements
from tests.loaders.conftest import Stage
from tests.loaders.source_builder import SITE, Staged, line, settlement, stage_folder, write

BARE = {"setl_id": "S1", "psn_no": "1", "fixmedins_code": SITE, "begndate": "2026-01-05", "medfee_sumamt": "1"}


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Staged:
    """The least a folder may hold."""
    folder = tmp_path_factory.mktemp("bare")
    return stage_folder(write(folder / "source", {"setl_d": [BARE]}), folder / "out")


@pytest.fixture(scope="module")
def rich(tmp_path_factory: pytest.TempPathFactory) -> Staged:
    folder = tmp_path_factory.mktemp("rich")
    tables = {
        **test_identities.TABLES_WRITTEN,
        "setl_d": [*test_settlements.SETTLEMENTS, settlement("X1", medfee_sumamt="x", nobody_knows="1")],
        "fee_list_d": test_settlements.LINES,
        "dr_info_b": [{"dr_code": "D1", "medins_code": SITE, "cntr_begntime": "2020-01-01", "dr_name": "某医师"}],
    }
    return stage_folder(write(folder / "source", tables), folder / "out", max_rejected_share=0.1)


def test_a_folder_without_any_optional_table_is_staged(bare: Staged) -> None:
    assert bare.one("settlements", "total_fen", "has_clock", "minute", "kind") == (100, False, None, "other")
    assert {declared.name for declared in TABLES} == {path.stem for path in bare.folder.iterdir()}
    assert set(bare.report.missing_tables) == {source.name for source in SOURCES} - {"setl_d"}


def test_coverage_names_only_what_the_source_delivered(bare: Staged) -> None:
    assert bare.report.coverage == {
        "settlements", "settlements.settlement_no", "settlements.settlement_id", "settlements.person_no",
        "settlements.site_no", "settlements.begin_at", "settlements.end_at", "settlements.settled_at",
        "settlements.has_clock", "settlements.day", "settlements.total_fen", "settlements.source_file",
        "settlements.source_line", "persons", "persons.person_no", "persons.person_id", "sites", "sites.site_no",
        "sites.site_id", "sites.kind", "identities", "identities.kind", "identities.no", "identities.id",
        "identities.source_id",
    }  # fmt: skip


def test_a_source_without_clocks_says_so(bare: Staged) -> None:
    assert not bare.report.has_clock
    assert "hour windows become days" in bare.report.readable()
    assert "按天" in bare.report.readable()


def test_coverage_grows_with_the_tables(rich: Staged) -> None:
    assert {
        "lines", "lines.is_drug", "settlements.minute", "settlements.fund_fen", "settlements.is_event",
        "settlements.is_manual", "settlements.handler_no", "persons.household_no", "employers.is_virtual", "doctors",
        "practices.from_on", "manual_cases.bank_account_no", "reviews.handler_no", "payouts.amount_fen",
    } <= rich.report.coverage  # fmt: skip
    assert "pack_sales" not in rich.report.coverage
    assert "settlements.bed" not in rich.report.coverage


def test_the_report_counts_rows_and_period(rich: Staged) -> None:
    report = rich.report
    assert report.period == ("2026-01-05", "2026-01-08")
    assert report.rows_read == sum(table.read for table in report.tables)
    assert report.rows_rejected == 1
    assert report.canonical_rows["settlements"] == len(rich.rows("settlements"))
    assert rich.table("setl_d").rejected == {"medfee_sumamt: not an amount": 1}


def test_columns_that_nobody_reads_are_listed_and_absent_ones_too(rich: Staged) -> None:
    assert rich.table("setl_d").ignored_columns == ("nobody_knows",)
    assert "addr" in rich.table("setl_d").absent_columns
    assert "psn_no" not in rich.table("setl_d").absent_columns


def test_the_report_is_json(rich: Staged) -> None:
    told = json.loads(json.dumps(rich.report.as_dict(), ensure_ascii=False))
    assert told["period"] == {"from": "2026-01-05", "to": "2026-01-08"}
    assert told["tables"][0]["name"] == "setl_d"
    assert told["coverage"] == sorted(rich.report.coverage)
    assert told["missing_tables"]


def test_the_readable_report_names_every_rule_reason_note_and_code(rich: Staged) -> None:
    text = rich.report.readable()
    for table in rich.report.tables:
        assert table.name in text
        assert table.zh in text
        for name in (*table.aside, *table.rejected, *table.notes):
            assert name in text
    assert "7777 (1)" in text
    assert "nobody_knows" in text


def test_the_same_folder_has_the_same_fingerprint_and_a_changed_one_has_not(source: Path, tmp_path: Path) -> None:
    write(source, {"setl_d": [BARE]})
    first = stage_folder(source, tmp_path / "first").report.fingerprint
    from loaders import source_fingerprint

    assert source_fingerprint(source) == first
    write(source, {"setl_d": [{**BARE, "medfee_sumamt": "2"}]})
    assert source_fingerprint(source) != first


def test_the_register_of_the_unit_is_read_in_both_languages(stage: Stage) -> None:
    register = [
        {"kind": "养老院", "institution": SITE, "from": "2026-01-01", "to": "2026-12-31", "note": "约定"},
        {"kind": "market_day", "institution": SITE, "from": "2026-01-06"},
        {"kind": "兴趣小组", "person": "1"},
        {"kind": "check_up"},
    ]
    staged = stage({"setl_d": [BARE], "benign_register": register}, max_rejected_share=0.5)
    assert staged.rows("benign_register", "kind", "person_no", "site_no", "note") == [
        ("market_day", None, 0, None), ("nursing_home", None, 0, "约定"), ("other", 0, None, None),
    ]  # fmt: skip
    assert [(row["table"], row["line"], row["reason"]) for row in staged.rejects] == [
        ("benign_register", "5", "empty, and so is institution and address")
    ]


def test_returns_are_folded_into_their_sales_and_a_sale_told_twice_counts_once(stage: Stage) -> None:
    sale = {"drug_trac_codg": "81000000000000000001", "setl_id": "S1", "med_list_codg": "XA10", "sel_retn_cnt": "1"}
    staged = stage({
        "setl_d": [settlement("S1")],
        "selinfo_3505": [
            sale, {**sale, "drug_trac_codg": "81000000000000000002,81000000000000000003"}, {"setl_id": "S1"},
        ],
        "selinfo_3513": [sale],
        "selinfo_3506": [{"drug_trac_codg": "81000000000000000003"}, {"drug_trac_codg": "81999999999999999999"}],
    })  # fmt: skip
    assert staged.rows("pack_sales", "trace_code", "settlement_no", "site_no", "quantity", "returned") == [
        ("81000000000000000001", 0, 0, 1.0, False), ("81000000000000000002", 0, 0, 0.5, False),
        ("81000000000000000003", 0, 0, 0.5, True),
    ]  # fmt: skip
    assert staged.table("selinfo_3505").aside == {"sale without a trace code": 1}
    assert staged.table("selinfo_3513").aside == {"sale already told by selinfo_3505": 1}
    assert staged.table("selinfo_3506").aside == {
        "return folded into its sale": 1, "return of a sale that is not in the source": 1,
    }  # fmt: skip


def test_pauses_and_sign_ins_are_staged_with_their_operator_and_terminal(stage: Stage) -> None:
    staged = stage({
        "setl_d": [settlement("S1", opter_id="admin")],
        "fixmedins_paus_d": [{"fixmedins_code": SITE, "begntime": "2026-01-01", "endtime": "2026-01-31"}],
        "fixmedins_sign_b": [{"sign_no": "G1", "fixmedins_code": SITE, "mac": "aa:bb:cc:00:00:01", "opter_id": "admin",
                              "sign_time": "2026-01-05 08:00:00"}],
        "psn_fix_reg_d": [{"trt_dcla_detl_sn": "T1", "psn_no": "1", "fixmedins_code": SITE, "agnter_certno": "33010219",
                           "agnter_name": "某代办"}],
        "fee_list_d": [line("L1", "S1")],
    })  # fmt: skip
    assert len(staged.rows("site_pauses")) == 1
    assert staged.one("sign_ins", "handler_no", "terminal_no") == (staged.one("settlements", "handler_no"), 0)
    assert ("terminal", "AABBCC000001") in staged.rows("identifiers", "kind", "id")
    assert staged.one("registrations", "kind", "agent_no") == ("designated_site", 0)

"""What a site may override: code tables, aliases and lists, as files of its own."""

from __future__ import annotations

from pathlib import Path

import pytest

from graphaudit.errors import ConfigurationError
from loaders.nhsa.catalog import SOURCES
from loaders.nhsa.knowledge import read_knowledge
from tests.loaders.source_builder import as_csv, line, settlement, stage_folder, write


@pytest.fixture
def overrides(tmp_path: Path) -> Path:
    folder = tmp_path / "overrides"
    folder.mkdir()
    return folder


def test_every_coded_column_has_a_code_table() -> None:
    tables = read_knowledge().codes
    coded = {field.code for source in SOURCES for field in source.fields if field.code}
    assert coded <= set(tables)
    assert all(table.values for table in tables.values())


def test_every_alias_belongs_to_a_column_that_is_read() -> None:
    names = {field.name for source in SOURCES for field in source.fields}
    assert set(read_knowledge().aliases) <= names


def test_the_files_of_a_site_change_codes_aliases_and_lists(overrides: Path, tmp_path: Path) -> None:
    (overrides / "codes.csv").write_text(
        "table,code,names,meaning\nmed_type,11,居家护理,inpatient\nsetl_type,3,医疗救助,manual\n", encoding="utf-8"
    )
    (overrides / "aliases.csv").write_text("column,alias\nmedfee_sumamt,total_yuan\n", encoding="utf-8-sig")
    (overrides / "placeholder_phones.csv").write_text("phone,note\n13957100001,reception\n", encoding="utf-8")
    (overrides / "unknown_doctors.csv").write_text("code\nDDDD1\n", encoding="utf-8")
    (overrides / "resale_prone.csv").write_text("code_prefix,name,note\nXZZZ,,\n", encoding="utf-8")
    source = tmp_path / "source"
    rows = [settlement("S1", setl_type="3", tel="13957100001", chfpdr_code="DDDD1")]
    lines = [line("L1", "S1", hilist_code="XZZZ1"), line("L2", "S1")]
    write(source, {"fee_list_d": lines})
    text = as_csv(rows, rename=lambda name: "total_yuan" if name == "medfee_sumamt" else name)
    (source / "setl_d.csv").write_text(text, encoding="utf-8")
    staged = stage_folder(source, tmp_path / "out", overrides=overrides)
    assert staged.one("settlements", "kind", "is_manual", "phone_no", "doctor_no", "total_fen") == (
        "inpatient", True, None, None, 10000,
    )  # fmt: skip
    assert staged.rows("items", "item_code", "resale_prone") == [("XA10BA02", False), ("XZZZ1", True)]


def test_one_toml_file_says_the_same(overrides: Path) -> None:
    (overrides / "overrides.toml").write_text(
        """placeholder_phones = ["13957100001"]
        unknown_doctors = ["ddd1"]
        resale_prone = [{code_prefix = "XZZZ"}]
        [aliases]
        medfee_sumamt = ["total_yuan"]
        [codes.med_type]
        11 = {names = "居家护理", meaning = "inpatient"}
        """,
        encoding="utf-8",
    )
    knowledge = read_knowledge(overrides)
    assert knowledge.codes["med_type"].values["11"] == (("居家护理",), "inpatient")
    assert "21" in knowledge.codes["med_type"].values
    assert knowledge.aliases["medfee_sumamt"] == ("total_yuan",)
    assert "13957100001" in knowledge.placeholder_phones
    assert "13800138000" in knowledge.placeholder_phones
    assert "DDD1" in knowledge.unknown_doctors
    assert knowledge.resale_prone == (("XZZZ", ""),)


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("codes.csv", "tabel,code\nx,1\n", "codes.csv, line 1: column table is missing"),
        ("codes.csv", "table,code,names,meaning\nmed_type,11,x,outpatient\n,,,\n", "codes.csv, line 3: an empty row"),
        ("aliases.csv", "column\nx\n", "aliases.csv, line 1: column alias is missing"),
        ("aliases.csv", "列,别名\n".encode("gbk"), "aliases.csv: not UTF-8 text"),
        ("overrides.toml", "[code]\n", "overrides.toml: unknown section code"),
        ("overrides.toml", "[codes\n", "overrides.toml: Expected"),
        ("overrides.toml", "[codes.med_type]\n11 = 'x'\n", "overrides.toml: a value has the wrong shape"),
    ],
)
def test_a_wrong_override_is_refused_with_file_and_line(
    overrides: Path, name: str, content: str | bytes, told: str
) -> None:
    (overrides / name).write_bytes(content.encode() if isinstance(content, str) else content)
    with pytest.raises(ConfigurationError, match=told.replace("[", r"\[")) as caught:
        read_knowledge(overrides)
    assert "docs/loaders.md" in caught.value.hint or "UTF-8" in caught.value.hint


def test_a_folder_of_overrides_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="no such folder"):
        read_knowledge(tmp_path / "nowhere")

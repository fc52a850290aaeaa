"""Leads on the command line and in exports: a link into Neo4j Browser where the store is a Neo4j, nothing otherwise."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from api.cli import main
from graphaudit.browser import BrowserAddress, lead_link
from graphaudit.registry import BuildRecord, Registry
from tests.browser.ring import BUILD, LEAD, lead

STORE = "bolt://neo4j@graph.example:7688"
ADDRESS = BrowserAddress("http://graph.example:7474", "bolt://graph.example:7688")


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A data folder whose registry has one published lead; no store is ever opened."""
    with Registry.open(f"sqlite:{tmp_path / 'registry.db'}") as registry:
        registry.publish(BuildRecord("b-older"), [lead() | {"build_id": "b-older"}])
        registry.publish(BuildRecord(BUILD), [lead()])
    return tmp_path


def exported(home: Path, *options: str) -> list[dict[str, object]]:
    """What `leads export` writes."""
    target = home / "leads.json"
    assert main(["leads", "export", "--pseudonyms", "--output", str(target), "--data", str(home), *options]) == 0
    leads: list[dict[str, object]] = json.loads(target.read_text(encoding="utf-8"))
    return leads


def test_an_export_carries_the_link_and_is_otherwise_the_same(home: Path) -> None:
    [plain] = exported(home)
    [linked] = exported(home, "--store", STORE)
    assert "links" not in plain
    assert linked == plain | {"links": {"browser": lead_link(ADDRESS, LEAD)}}
    assert list(linked) == [*plain, "links"]


def test_an_older_build_is_exported_without_links(home: Path) -> None:
    [older] = exported(home, "--store", STORE, "--build", "b-older")
    assert "links" not in older


def test_the_setting_names_the_browser_behind_a_proxy(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GRAPHAUDIT_NEO4J_BROWSER", "https://browser.example")
    [linked] = exported(home, "--store", STORE)
    proxied = BrowserAddress("https://browser.example", "bolt+s://browser.example:7688")
    assert linked["links"] == {"browser": lead_link(proxied, LEAD)}


def test_a_wrong_address_is_told_before_anything_is_written(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("GRAPHAUDIT_NEO4J_BROWSER", "browser.example")
    target = home / "leads.json"
    code = main(["leads", "export", "--pseudonyms", "--output", str(target), "--data", str(home), "--store", STORE])
    assert code == 1
    assert "http://HOST:7474" in capsys.readouterr().err
    assert not target.exists()


def test_a_lead_is_shown_with_its_link(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["leads", "show", LEAD, "--data", str(home), "--store", STORE]) == 0
    assert f"Browser  {lead_link(ADDRESS, LEAD)}" in capsys.readouterr().out.splitlines()
    assert main(["leads", "show", LEAD, "--data", str(home)]) == 0
    assert "Browser" not in capsys.readouterr().out


def test_a_list_for_machines_carries_links(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["leads", "list", "--json", "--data", str(home), "--store", STORE]) == 0
    listed = json.loads(capsys.readouterr().out)
    assert [entry["links"]["browser"] for entry in listed] == [lead_link(ADDRESS, LEAD)]

"""From source tables to a list that an official can check: command line, export, evaluation, HTTP."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest
from fastapi.testclient import TestClient

from api.app import create_app
from api.cli import main
from detectors.catalog import DETECTORS
from graphaudit.settings import Settings

Exported = Callable[[Path], list[dict[str, Any]]]


def active_folder(home: Path) -> Path:
    (folder,) = [entry for entry in (home / "builds").iterdir() if entry.is_dir()]
    return folder


def test_a_build_reports_what_it_read_and_what_each_stage_cost(home: Path) -> None:
    folder = active_folder(home)
    report = json.loads((folder / "report.json").read_text(encoding="utf-8"))
    assert [stage["state"] for stage in report["stages"]] == ["done"] * 6
    assert all(stage["peak_rss_mb"] > 10 for stage in report["stages"])
    text = (folder / "report.txt").read_text(encoding="utf-8")
    assert "setl_d" in text
    asked = {cost["detector"]: cost for cost in report["detectors"]}
    assert set(asked) | {entry["detector"] for entry in report["switched_off"]} == {d.spec.id for d in DETECTORS}
    assert sum(cost["findings"] for cost in asked.values()) == report["stages"][3]["counts"]["findings"] > 0
    assert 0 < sum(cost["seconds"] for cost in asked.values()) <= report["stages"][3]["seconds"]
    assert all(name in text for name in asked)
    assert not [entry for entry in folder.iterdir() if entry.name.startswith(".")]


def test_the_planted_rings_come_out_on_top(home: Path, truth: Path, exported: Exported) -> None:
    leads = exported(home)
    rings = json.loads(truth.read_text(encoding="utf-8"))["rings"]
    planted = {member["id"] for ring in rings for member in ring["members"] if member["type"] == "person"}
    top = [{m["id"] for m in lead["members"] if m["type"] == "person"} for lead in leads[: len(rings)]]
    hits = [len(persons & planted) > len(persons) / 2 for persons in top]
    assert hits
    assert sum(hits) >= 0.6 * len(hits)


def test_exported_leads_can_be_evaluated(
    home: Path, truth: Path, exported: Exported, capsys: pytest.CaptureFixture[str]
) -> None:
    exported(home)
    leads = home.parent / f"{home.name}.leads.json"
    capsys.readouterr()
    assert main(["evaluate", "--leads", str(leads), "--truth", str(truth), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)


def test_no_source_id_of_a_person_is_in_the_graph_the_registry_or_a_list(
    home: Path, exported: Exported, capsys: pytest.CaptureFixture[str]
) -> None:
    persons = {m["id"] for lead in exported(home) for m in lead["members"] if m["type"] == "person"}
    capsys.readouterr()
    main(["leads", "list", "--json", "--top", "1000", "--data", str(home)])
    listed = capsys.readouterr().out
    main(["leads", "show", json.loads(listed)[0]["id"], "--data", str(home)])
    shown = listed + capsys.readouterr().out
    stored = b"".join(path.read_bytes() for path in home.glob("registry.db*")) + b"".join(
        path.read_bytes() for path in (home / "graph").iterdir()
    )
    assert persons
    assert not [person for person in persons if person in shown or person.encode() in stored]


def test_a_lead_number_can_be_recomputed_from_its_settlements(home: Path, exported: Exported) -> None:
    folder = active_folder(home)
    leads = exported(home)
    with duckdb.connect() as connection:
        for lead in leads:
            ids = sorted({item for piece in lead["evidence"] for item in piece["settlements"]})
            row = connection.execute(
                """
                SELECT count(*), sum(total_fen - refunded_fen), sum(fund_fen - refunded_fund_fen),
                    sum(CASE WHEN is_event THEN account_fen ELSE 0 END), min(day), max(day)
                FROM read_parquet($path) WHERE settlement_id IN (SELECT unnest($ids))
                """,
                {"path": str(folder / "tables" / "settlements.parquet"), "ids": ids},
            ).fetchone()
            assert row
            found, total, fund, account, first, last = row
            assert found == len(ids) > 0
            assert lead["amount"] == {"total": total / 100, "fund": fund / 100, "account": account / 100}
            days = [(date(1970, 1, 1) + timedelta(days=day)).isoformat() for day in (first, last)]
            assert [lead["period"]["from"], lead["period"]["to"]] == days
            evidence = sum(entry["value"] * entry["weight"] for entry in lead["contributions"])
            assert lead["score"] == pytest.approx(evidence / (evidence + 10), abs=2e-4)


def test_amounts_agree_with_the_source_file_itself(home: Path, city: Path, exported: Exported) -> None:
    with duckdb.connect() as connection:
        connection.execute(
            "CREATE TABLE s AS SELECT * FROM read_csv($path, all_varchar = true)", {"path": str(city / "setl_d.csv")}
        )
        refunded = active_folder(home) / "tables" / "settlements.parquet"
        agreeing = 0
        for lead in exported(home):
            ids = sorted({item for piece in lead["evidence"] for item in piece["settlements"]})
            given_back = connection.execute(
                "SELECT sum(refunded_fen) FROM read_parquet($path) WHERE settlement_id IN (SELECT unnest($ids))",
                {"path": str(refunded), "ids": ids},
            ).fetchone()
            total = connection.execute(
                "SELECT sum(CAST(medfee_sumamt AS DECIMAL(18, 2))) FROM s WHERE setl_id IN (SELECT unnest($ids))",
                {"ids": ids},
            ).fetchone()
            assert given_back
            assert total
            if given_back[0] == 0:
                assert float(total[0]) == lead["amount"]["total"]
                agreeing += 1
    assert agreeing


def test_the_same_list_is_served_over_http(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    capsys.readouterr()
    assert main(["keys", "create", "e2e", "--json", "--data", str(home)]) == 0
    key = json.loads(capsys.readouterr().out)["key"]
    main(["leads", "list", "--json", "--top", "3", "--data", str(home)])
    listed = json.loads(capsys.readouterr().out)
    with TestClient(create_app(Settings(data=home))) as client:
        answer = client.get("/v1/leads", params={"limit": 3}, headers={"Authorization": f"Bearer {key}"})
        assert answer.status_code == 200
        assert [row["id"] for row in answer.json()["data"]] == [row["id"] for row in listed]
        assert client.get("/v1/leads").status_code == 401


def test_the_self_check_finds_a_built_site_sound(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    capsys.readouterr()
    assert main(["check", "--json", "--data", str(home)]) == 0
    checks = {check["name"]: check for check in json.loads(capsys.readouterr().out)["checks"]}
    assert "counts agree" in checks["active build"]["detail"]

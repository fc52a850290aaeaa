"""The command line: exit codes, errors as detail and next step, lists and explanations, exports on record."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import openpyxl
import pytest

from api.cli import main
from graphaudit.builds.manifest import Manifest
from graphaudit.registry import BuildRecord, Registry
from tests.api.command_runner import Ran


def lead(rank: int, lead_id: str, build_id: str) -> dict[str, Any]:
    return {
        "rank": rank,
        "id": lead_id,
        "build_id": build_id,
        "score": 0.9 / rank,
        "q_value": None if rank == 1 else 0.01,
        "pattern": "hoarded_cards",
        "title": {"zh": "3 名参保人的凭证疑似被集中刷卡", "en": "Cards of 3 persons swiped together"},
        "members": [
            {"type": "person", "id": f"p-{rank}", "role": "card_holder", "strength": 0.9},
            {"type": "pharmacy", "id": "P33", "role": "site", "strength": 1.0},
        ],
        "amount": {"fund": 10.5, "account": 0.0, "total": 1234.05},
        "priority": 3.0,
        "period": {"from": "2026-01-03", "to": "2026-06-28"},
        "evidence": [
            {
                "kind": "co_swipe_session",
                "detector": "settling_together",
                "settlements": [f"S{rank}-{number:02}" for number in range(20)],
                "text": {"zh": "二十次相继刷卡", "en": "Twenty swipes one after another"},
                "values": {"sessions": 5, "expected": 0.25},
            }
        ],
        "benign_explanations": [
            {"cause": "household", "weight": 0.1, "text": {"zh": "同一家庭", "en": "One household"}}
        ],
        "would_clear": {"zh": "本人到场的记录", "en": "Proof that they came themselves"},
        "legal_basis": ["Order 735 art. 17"],
        "status": "new",
        "contributions": [{"signal": "llr", "value": 20.0, "weight": 0.5}],
    }


@pytest.fixture
def published(tmp_path: Path) -> str:
    """A data folder with one published build of two leads."""
    home = tmp_path / "home"
    tables = home / "builds" / "b1" / "tables"
    tables.mkdir(parents=True)
    manifest = Manifest("b1", "2026-01-01T00:00:00Z", "city", "f", "1", {}, state="published")
    manifest.stage("rank").counts = {"leads": 2}
    manifest.write(home / "builds" / "b1")
    with duckdb.connect() as connection:
        connection.execute("CREATE TABLE i (kind VARCHAR, no INTEGER, id VARCHAR, source_id VARCHAR, name VARCHAR)")
        connection.execute(
            "INSERT INTO i VALUES ('person', 0, 'p-1', '330001', '张三'), ('person', 1, 'p-2', '330002', NULL)"
        )
        connection.execute("INSERT INTO i VALUES ('site', 0, 'P33', 'P33', '=药店')")
        connection.execute("COPY i TO $path (FORMAT parquet)", {"path": str(tables / "identities.parquet")})
    with Registry.open(f"sqlite:{home / 'registry.db'}") as registry:
        record = BuildRecord("b1", created_at=datetime(2026, 1, 1, tzinfo=UTC))
        registry.publish(record, [lead(1, "L-AAA", "b1"), lead(2, "L-BBB", "b1")])
    return "b1"


def audited(tmp_path: Path, action: str) -> list[Any]:
    with Registry.open(f"sqlite:{tmp_path / 'home' / 'registry.db'}") as registry:
        return [record.event for record in registry.audit_records() if record.event.action == action]


def test_wrong_usage_exits_with_2(run: Callable[..., Ran]) -> None:
    for arguments in (
        ["bogus"],
        ["leads", "bogus"],
        ["leads", "export"],
        ["simulate", "--out", "x", "--size", "huge"],
        ["simulate", "--out", "x", "--faults", "3"],
    ):
        ran = run(*arguments)
        assert ran.code == 2, arguments
        assert "Usage:" in ran.err


def test_further_dials_of_a_city_reach_the_simulator(
    run: Callable[..., Ran], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: dict[str, Any] = {}

    def noted(out: Path, **dials: Any) -> dict[str, Any]:
        asked.update(dials)
        return {"rings": [], "benign": [], "faults": [{"id": "F00001"}]}

    monkeypatch.setattr("graphaudit.simulation.simulate", noted)
    out = str(tmp_path / "city")
    assert run("simulate", "--out", out).code == 0
    assert (asked["faults"], asked["drift"], asked["unseen"]) == (None, False, False)
    ran = run("simulate", "--out", out, "--faults", "1", "--drift", "--unseen")
    assert ran.code == 0
    assert (asked["faults"], asked["drift"], asked["unseen"]) == (1, True, True)
    assert "faults 1" in ran.out


def test_help_and_version_exit_with_0(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--help"]) == 0
    assert "default: ./graphaudit-data" in capsys.readouterr().out
    assert main(["--version"]) == 0
    assert capsys.readouterr().out.startswith("graphaudit ")


def test_a_failure_says_what_and_the_next_step_without_a_traceback(run: Callable[..., Ran]) -> None:
    for arguments in (
        ["leads", "list"],
        ["leads", "show", "L-1"],
        ["builds", "show", "b9"],
        ["build", "no/such/folder"],
    ):
        ran = run(*arguments)
        assert ran.code == 1, arguments
        assert ran.err.startswith("error: ")
        assert "next step: " in ran.err
        assert "Traceback" not in ran.err
        assert ran.out == ""


def test_reading_commands_create_nothing(run: Callable[..., Ran], tmp_path: Path) -> None:
    for arguments in (["leads", "list"], ["builds", "list"], ["config"], ["check"], ["build", "no/such/folder"]):
        run(*arguments)
    assert not (tmp_path / "home").exists()


def test_a_traceback_comes_only_when_asked_for(run: Callable[..., Ran], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GRAPHAUDIT_DEBUG", "1")
    ran = run("leads", "list")
    assert ran.code == 1
    assert "Traceback" in ran.err


def test_a_setting_that_is_wrong_is_refused_before_anything_else(
    run: Callable[..., Ran], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GRAPHAUDIT_SEAD", "3")
    ran = run("leads", "list")
    assert ran.code == 1
    assert "did you mean GRAPHAUDIT_SEED?" in ran.err


def test_places_may_be_given_before_the_command_too(
    published: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--data", str(tmp_path / "home"), "--json", "leads", "list"]) == 0
    assert [row["id"] for row in json.loads(capsys.readouterr().out)] == ["L-AAA", "L-BBB"]
    assert main(["--data", "elsewhere", "config", "--json", "--registry", "sqlite:other.db"]) == 0
    assert json.loads(capsys.readouterr().out)["registry"] == "sqlite:other.db"


def test_the_list_shows_rank_title_money_and_period(run: Callable[..., Ran], published: str) -> None:
    ran = run("leads", "list")
    assert ran.code == 0
    assert "L-AAA" in ran.out
    assert "1,234.05" in ran.out
    assert "Cards of 3 persons swiped together" in ran.out
    assert "2 of 2 leads of build b1" in ran.out
    assert "集中刷卡" in run("leads", "list", "--lang", "zh").out
    assert "L-BBB" not in run("leads", "list", "--min-score", "0.8").out
    assert "no leads in build b1 match" in run("leads", "list", "--pattern", "insider").out


def test_a_lead_is_explained_in_full_in_both_languages(run: Callable[..., Ran], published: str) -> None:
    out = run("leads", "show", "L-AAA").out
    for piece in (
        "exact rule", "p-1", "二十次相继刷卡", "Twenty swipes one after another", "S1-00", "and 8 more", "+10.000",
        "同一家庭", "本人到场的记录", "Order 735 art. 17", "sessions 5",
    ):  # fmt: skip
        assert piece in out
    assert "S1-19" in run("leads", "show", "L-AAA", "--all-settlements").out


def test_source_ids_are_revealed_only_with_a_reason_and_on_record(
    run: Callable[..., Ran], published: str, tmp_path: Path
) -> None:
    assert "330001" not in run("leads", "show", "L-AAA").out
    refused = run("leads", "show", "L-AAA", "--reveal")
    assert refused.code == 1
    assert "needs a reason" in refused.err
    assert audited(tmp_path, "leads.reveal") == []
    shown = run("leads", "show", "L-AAA", "--reveal", "--reason", "case 12")
    assert "330001" in shown.out
    assert "张三" in shown.out
    (event,) = audited(tmp_path, "leads.reveal")
    assert (event.object_ids, event.reason) == (("L-AAA",), "case 12")
    assert event.actor.startswith("cli:")


def test_an_export_carries_source_ids_and_is_on_record(run: Callable[..., Ran], published: str, tmp_path: Path) -> None:
    target = tmp_path / "leads.json"
    ran = run("leads", "export", "--format", "json", "--output", str(target))
    assert ran.code == 0
    rows = json.loads(target.read_text(encoding="utf-8"))
    assert [row["members"][0]["id"] for row in rows] == ["330001", "330002"]
    assert audited(tmp_path, "leads.export")[0].object_ids == ("L-AAA", "L-BBB")
    run("leads", "export", "--output", str(target), "--pseudonyms")
    assert json.loads(target.read_text(encoding="utf-8"))[0]["members"][0]["id"] == "p-1"
    assert audited(tmp_path, "leads.export")[1].fields == ()


def test_spreadsheets_are_written(run: Callable[..., Ran], published: str, tmp_path: Path) -> None:
    ran = run("leads", "export", "--format", "csv", "--output", str(tmp_path / "l.csv"), "--json", "--top", "1")
    assert ran.json["files"] == [str(tmp_path / "l.csv"), str(tmp_path / "l.members.csv")]
    assert run("leads", "export", "-f", "xlsx", "-o", str(tmp_path / "l.xlsx")).code == 0
    book = openpyxl.load_workbook(tmp_path / "l.xlsx")
    assert book["members"].max_row == 5
    book.close()
    assert run("leads", "export", "-o", str(tmp_path / "absent" / "l.json")).code == 1


def test_builds_are_listed_with_the_active_one_marked(run: Callable[..., Ran], published: str) -> None:
    assert run("builds", "list", "--json").json[0]["state"] == "active"
    assert "b1" in run("builds", "list").out
    assert run("builds", "show", "b1").code == 0
    for escape in ("../b1", "", "b1/../b1"):
        assert run("builds", "show", escape).code == 1


def test_keys_are_made_listed_and_revoked(run: Callable[..., Ran]) -> None:
    made = run("keys", "create", "console", "--scope", "leads:read", "--days", "30", "--json").json
    assert made["key"].startswith("ga_")
    listed = run("keys", "list")
    assert made["key"] not in listed.out
    assert "active" in listed.out
    assert run("keys", "revoke", made["id"]).code == 0
    assert run("keys", "list", "--json").json[0]["state"] == "revoked"
    assert run("keys", "create", "x", "--scope", "everything").code == 1
    assert run("keys", "revoke", "K-none").code == 1


def test_config_covers_secrets(run: Callable[..., Ran], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GRAPHAUDIT_SITE_KEY", "0123456789abcdef" * 3)
    assert "0123456789abcdef" not in run("config").out + run("config", "--json").out


INTERRUPTED = """
import os, signal, sys
from api.commands import building
from api import cli
def wait(*arguments, **options):
    os.kill(os.getpid(), getattr(signal, sys.argv[1]))
    import time
    time.sleep(30)
import api.pipeline
api.pipeline.build = wait
sys.exit(cli.main(["build", "."]))
"""


@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM"])
def test_an_interrupted_command_exits_with_130(name: str, tmp_path: Path) -> None:
    environment = {**os.environ, "GRAPHAUDIT_DATA": str(tmp_path / "home"), "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run(
        [sys.executable, "-c", INTERRUPTED, name],
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 130, done.stderr
    assert done.stderr.splitlines()[-1] == "interrupted"
    assert "Traceback" not in done.stderr


def test_a_reader_that_leaves_a_pipe_is_no_traceback(published: str, tmp_path: Path) -> None:
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    command = [sys.executable, "-m", "graphaudit", "leads", "list", "--data", str(tmp_path / "home")]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment
    ) as started:
        assert started.stdout
        assert started.stderr
        started.stdout.close()
        err = started.stderr.read()
    assert "Traceback" not in err


def test_serving_announces_where_and_stops_tidily(published: str, tmp_path: Path) -> None:
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), "PYTHONUNBUFFERED": "1"}
    command = [sys.executable, "-m", "graphaudit", "serve", "--port", "0", "--data", str(tmp_path / "home")]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=environment) as started:
        assert started.stderr
        assert started.stderr.readline().startswith("serving sqlite:")
        time.sleep(1.5)
        started.send_signal(signal.SIGTERM)
        rest = started.stderr.read()
    assert "Traceback" not in rest
    assert started.returncode in (0, 130, -signal.SIGTERM)

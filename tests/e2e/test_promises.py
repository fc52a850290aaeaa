"""Promises about whole builds: same inputs, same leads; killed, interrupted or failed, the old build serves."""

from __future__ import annotations

import json
import random
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from api.cli import main
from graphaudit.builds.lock import build_lock
from graphaudit.builds.manifest import Manifest, manifests
from graphaudit.registry import Registry

pytestmark = pytest.mark.slow

Exported = Callable[[Path], list[dict[str, Any]]]

#: Runs a build that is killed at a chosen moment: after a stage has done its work but before that is in place or
#: noted, or (leads) between writing the leads to the graph and the flip.
KILLED = """
import os, signal, sys
from api import cli, pipeline
from graphaudit.builds import manifest, stages

moment = sys.argv[1]
take_over, publish = stages._take_over, pipeline.Registry.publish

def killed_take_over(folder, work, outputs):
    if work.name == "." + moment:
        os.kill(os.getpid(), signal.SIGKILL)
    take_over(folder, work, outputs)

def killed_publish(*arguments, **options):
    if moment == "leads":
        os.kill(os.getpid(), signal.SIGKILL)
    return publish(*arguments, **options)

stages._take_over = killed_take_over
pipeline.Registry.publish = killed_publish
sys.exit(cli.main(sys.argv[2:]))
"""

STAGES = ["stage", "derive", "graph", "detect", "rank", "publish"]


def shuffled(city: Path, target: Path, seed: int) -> None:
    """A copy of the folder with the rows of every table in another order, and setl_d in two files."""
    order = random.Random(seed)
    target.mkdir()
    for path in sorted(city.iterdir()):
        header, *rows = path.read_text(encoding="utf-8").splitlines(keepends=True)
        order.shuffle(rows)
        if path.name == "setl_d.csv":
            half = len(rows) // 3
            (target / "setl_d_1.csv").write_text(header + "".join(rows[:half]), encoding="utf-8")
            (target / "setl_d_2.csv").write_text(header + "".join(rows[half:]), encoding="utf-8")
        else:
            (target / path.name).write_text(header + "".join(rows), encoding="utf-8")


def active(home: Path) -> str:
    with Registry.open(f"sqlite:{home / 'registry.db'}") as registry:
        build = registry.active_build()
    assert build
    return build.id


def test_same_inputs_give_the_same_leads_whatever_the_row_order_or_key(
    home: Path, city: Path, exported: Exported, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shuffled(city, tmp_path / "city", seed=11)
    monkeypatch.setenv("GRAPHAUDIT_SITE_KEY", "fedcba9876543210" * 4)
    assert main(["build", str(tmp_path / "city"), "--data", str(tmp_path / "other")]) == 0
    first, second = exported(home), exported(tmp_path / "other")
    assert [lead["id"] for lead in first] == [lead["id"] for lead in second]
    assert first == second
    assert first


def test_the_next_build_keeps_the_identity_of_its_leads(
    home: Path, city: Path, exported: Exported, tmp_path: Path
) -> None:
    copy = tmp_path / "home"
    shutil.copytree(home, copy)
    before = exported(copy)
    assert main(["build", str(city), "--data", str(copy)]) == 0
    assert exported(copy) == before
    assert active(copy) != active(home)


def test_a_killed_build_resumes(
    home: Path, city: Path, exported: Exported, graphaudit: Callable[..., Any], tmp_path: Path
) -> None:
    copy = tmp_path / "home"
    command = ("build", str(city), "--data", str(copy), "--resume")
    for moment in ("stage", "graph", "detect", "leads", "publish"):
        ran = graphaudit(moment, *command, program=("-c", KILLED))
        assert ran.code == -signal.SIGKILL, ran.err
        (manifest,) = manifests(copy / "builds")
        assert manifest.state == "running"
        reached = STAGES.index("publish" if moment == "leads" else moment)
        assert [record.name for record in manifest.stages if record.state == "done"] == STAGES[:reached]
        with Registry.open(f"sqlite:{copy / 'registry.db'}") as registry:
            assert (registry.active_build() is not None) == (moment == "publish")
    ran = graphaudit(*command)
    assert ran.code == 0, ran.err
    (manifest,) = manifests(copy / "builds")
    assert manifest.state == "published"
    folder = copy / "builds" / manifest.build_id
    assert not [entry for entry in folder.iterdir() if entry.name.startswith(".")]
    assert [entry.name for entry in (copy / "graph").iterdir() if entry.name.startswith(".")] == []
    assert exported(copy) == exported(home)


def test_an_interrupted_build_exits_with_130_and_resumes(
    home: Path,
    city: Path,
    exported: Exported,
    graphaudit: Callable[..., Any],
    environment: dict[str, str],
    tmp_path: Path,
) -> None:
    copy = tmp_path / "home"
    command = [sys.executable, "-m", "graphaudit", "build", str(city), "--data", str(copy), "--resume"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment) as run:
        assert run.stderr
        while not run.stderr.readline().startswith("stage "):
            assert run.poll() is None
        run.send_signal(signal.SIGINT)
        _, err = run.communicate(timeout=120)
    assert run.returncode == 130, err
    assert "Traceback" not in err
    (manifest,) = manifests(copy / "builds")
    assert manifest.state == "interrupted"
    assert manifest.stage("stage").state == "done"
    done = graphaudit(*command[3:])
    assert done.code == 0, done.err
    assert exported(copy) == exported(home)


def test_two_builds_never_run_at_once(home: Path, city: Path, graphaudit: Callable[..., Any], tmp_path: Path) -> None:
    copy = tmp_path / "home"
    with build_lock(copy, copy / "builds"):
        ran = graphaudit("build", str(city), "--data", str(copy))
    assert ran.code == 1
    assert "another build is using" in ran.err
    assert "process " in ran.err
    assert manifests(copy / "builds") == []


BAD_SOURCES: dict[str, dict[str, bytes]] = {
    "an empty folder": {},
    "no setl_d": {"psn_info_b.csv": b"psn_no\n1\n"},
    "a required column missing": {"setl_d.csv": b"setl_id,psn_no\n1,2\n"},
    "a header without rows": {"setl_d.csv": b"setl_id,psn_no,fixmedins_code,setl_time,medfee_sumamt\n"},
    "binary noise": {"setl_d.csv": random.Random(5).randbytes(4096)},
    "a truncated Parquet file": {"setl_d.parquet": b"PAR1" + bytes(200)},
}


@pytest.mark.parametrize("name", BAD_SOURCES)
def test_a_bad_source_leaves_the_previous_build_untouched(
    home: Path, tmp_path: Path, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    source = tmp_path / "bad"
    source.mkdir()
    for file, content in BAD_SOURCES[name].items():
        (source / file).write_bytes(content)
    before = active(home)
    graphs = sorted(path.name for path in (home / "graph").iterdir())
    capsys.readouterr()
    assert main(["build", str(source), "--data", str(home)]) == 1
    err = capsys.readouterr().err
    assert "error: " in err
    assert "next step: " in err
    assert "Traceback" not in err
    assert active(home) == before
    assert Manifest.read(home / "builds" / before).state == "published"
    assert sorted(path.name for path in (home / "graph").iterdir()) == graphs
    for manifest in manifests(home / "builds"):
        if manifest.build_id != before:
            assert manifest.state == "failed"
            left = {entry.name for entry in (home / "builds" / manifest.build_id).iterdir()}
            assert left <= {"manifest.json", "report.json", "report.txt", "rejects.csv"}
            shutil.rmtree(home / "builds" / manifest.build_id)


def test_the_demonstration_ends_with_what_to_try_next_and_runs_again(
    graphaudit: Callable[..., Any], tmp_path: Path
) -> None:
    command = ("demo", "--size", "tiny", "--seed", "7", "--data", str(tmp_path / "demo"))
    first = graphaudit(*command)
    assert first.code == 0, first.err
    for piece in ("The top of the list", "explained in full", "Contributions to the score", "What to try next"):
        assert piece in first.out
    assert first.out.rstrip().splitlines()[-1].strip().startswith("graphaudit serve")
    for line in first.out.rstrip().splitlines()[-3:-1]:
        arguments = line.split()[1:]
        if "--output" in arguments:
            arguments[arguments.index("--output") + 1] = str(tmp_path / "leads.xlsx")
        assert graphaudit(*arguments).code == 0
    leads = json.loads((tmp_path / "demo" / "leads.json").read_text(encoding="utf-8"))
    assert graphaudit(*command).code == 0
    again = json.loads((tmp_path / "demo" / "leads.json").read_text(encoding="utf-8"))
    assert [lead["id"] for lead in again] == [lead["id"] for lead in leads]

"""Promises about whole builds: same inputs, same leads; killed, interrupted or failed, the old build serves."""

from __future__ import annotations

import json
import random
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from api.cli import main
from graphaudit.builds.lock import build_lock
from graphaudit.builds.manifest import Manifest, manifests
from graphaudit.registry import Registry
from graphaudit.secret_files import create_secret
from tests.built_city import BuiltCity, demonstration

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

OTHER_KEY = "fedcba9876543210" * 4

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


@dataclass(frozen=True)
class Attempt:
    """A build that did not get to its end: its exit code, what it said, and what it left."""

    code: int
    err: str
    state: str
    done: list[str]
    published: bool


@dataclass(frozen=True)
class Resumed:
    """A build in its own data folder that took several attempts, by the moment at which each ended; then it went on."""

    home: Path
    attempts: dict[str, Attempt]


def attempt(home: Path, code: int, err: str) -> Attempt:
    """What the build of `home` that has just ended with `code` left; there is one, whatever happened to it."""
    (manifest,) = manifests(home / "builds")
    with Registry.open(f"sqlite:{home / 'registry.db'}") as registry:
        published = registry.active_build() is not None
    done = [record.name for record in manifest.stages if record.state == "done"]
    return Attempt(code, err, manifest.state, done, published)


def interrupted(command: Sequence[str], environment: dict[str, str]) -> tuple[int, str]:
    """Exit code and words of a build that gets a SIGINT when it has said that its first stage is done."""
    program = [sys.executable, "-m", "graphaudit", *command]
    with subprocess.Popen(program, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment) as run:
        assert run.stderr
        while not run.stderr.readline().startswith("stage "):
            assert run.poll() is None
        run.send_signal(signal.SIGINT)
        _, err = run.communicate(timeout=120)
    return run.returncode, err


@pytest.fixture(scope="module")
def resumed(
    city: Path,
    graphaudit: Callable[..., Any],
    environment: dict[str, str],
    tmp_path_factory: pytest.TempPathFactory,
) -> Resumed:
    """The city with its rows in another order and under another key, built by attempt after attempt."""
    folder = tmp_path_factory.mktemp("resumed")
    shuffled(city, folder / "city", seed=11)
    home = folder / "home"
    home.mkdir()
    assert create_secret(home / "site-key", OTHER_KEY)
    command = ("build", str(folder / "city"), "--data", str(home), "--resume")
    attempts = {}
    for moment in ("stage", "interrupt", "graph", "detect", "leads", "publish"):
        if moment == "interrupt":
            code, err = interrupted(command, environment)
        else:
            ran = graphaudit(moment, *command, program=("-c", KILLED))
            code, err = ran.code, ran.err
        attempts[moment] = attempt(home, code, err)
    ran = graphaudit(*command)
    assert ran.code == 0, ran.err
    return Resumed(home, attempts)


def test_same_inputs_give_the_same_leads_whatever_the_row_order_or_key(
    home: Path, resumed: Resumed, exported: Exported
) -> None:
    assert (home / "site-key").read_text(encoding="utf-8").strip() != OTHER_KEY
    first, second = exported(home), exported(resumed.home)
    assert [lead["id"] for lead in first] == [lead["id"] for lead in second]
    assert first == second
    assert first


def test_a_killed_build_resumes(resumed: Resumed) -> None:
    for moment in ("stage", "graph", "detect", "leads", "publish"):
        killed = resumed.attempts[moment]
        assert killed.code == -signal.SIGKILL, killed.err
        assert killed.state == "running"
        reached = STAGES.index("publish" if moment == "leads" else moment)
        assert killed.done == STAGES[:reached]
        assert killed.published == (moment == "publish")
    (manifest,) = manifests(resumed.home / "builds")
    assert manifest.state == "published"
    folder = resumed.home / "builds" / manifest.build_id
    assert not [entry for entry in folder.iterdir() if entry.name.startswith(".")]
    assert [entry.name for entry in (resumed.home / "graph").iterdir() if entry.name.startswith(".")] == []


def test_an_interrupted_build_exits_with_130_and_resumes(resumed: Resumed) -> None:
    stopped = resumed.attempts["interrupt"]
    assert stopped.code == 130, stopped.err
    assert "Traceback" not in stopped.err
    assert stopped.state == "interrupted"
    assert "stage" in stopped.done


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


def test_the_demonstration_ends_with_what_to_try_next(
    built_city: BuiltCity, home: Path, graphaudit: Callable[..., Any], tmp_path: Path
) -> None:
    said = built_city.said
    for piece in ("The top of the list", "explained in full", "Contributions to the score", "What to try next"):
        assert piece in said
    assert said.rstrip().splitlines()[-1].strip().startswith("graphaudit serve")
    for line in said.rstrip().splitlines()[-3:-1]:
        arguments = [str(home) if part == str(built_city.home) else part for part in line.split()[1:]]
        assert str(home) in arguments
        if "--output" in arguments:
            arguments[arguments.index("--output") + 1] = str(tmp_path / "leads.xlsx")
        assert graphaudit(*arguments).code == 0


def test_the_next_build_keeps_the_identity_of_its_leads(
    home: Path, exported: Exported, graphaudit: Callable[..., Any], tmp_path: Path
) -> None:
    """The next build is the demonstration run again, which must end as well and with the same leads."""
    copy = tmp_path / "home"
    shutil.copytree(home, copy)
    before = exported(copy)
    leads = json.loads((copy / "leads.json").read_text(encoding="utf-8"))
    ran = graphaudit(*demonstration(copy))
    assert ran.code == 0, ran.err
    again = json.loads((copy / "leads.json").read_text(encoding="utf-8"))
    assert [lead["id"] for lead in again] == [lead["id"] for lead in leads]
    assert exported(copy) == before
    assert active(copy) != active(home)

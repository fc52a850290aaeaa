"""A process killed while it publishes leaves whole builds only, and loses nothing it had acknowledged."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from graphaudit.registry import Registry

#: Leads of one build in the loop below; large enough that a kill mostly falls into a publication.
LEADS = 150

WRITER = """
import json, sys
from graphaudit.registry import BuildRecord, Registry
registry = Registry.open(sys.argv[1])
lead = json.loads(sys.argv[2])
start, count = int(sys.argv[3]), int(sys.argv[4])
for number in range(start, start + 100_000):
    build = f"B{number:06d}"
    leads = [lead | {"build_id": build, "rank": r, "id": f"L-{r}"} for r in range(1, count + 1)]
    registry.publish(BuildRecord(build, counts={"leads": count}), leads)
    version = registry.lead_state("L-1").version
    registry.set_lead_status("L-1", "in_review", expected_version=version, actor="writer", reason=build)
    print(build, version + 1, flush=True)
"""


@pytest.mark.parametrize("seed", [1, 2])
def test_an_acknowledged_status_change_and_its_audit_record_survive_kill_9(tmp_path: Path, make_lead, seed) -> None:
    url = f"sqlite:{tmp_path / 'registry.db'}"
    Registry.open(url).close()
    moments = random.Random(seed)
    begin = 0
    for _ in range(2):
        arguments = [url, json.dumps(make_lead("B", 1, "L-1")), str(begin), str(LEADS)]
        with subprocess.Popen(
            [sys.executable, "-c", WRITER, *arguments], stdout=subprocess.PIPE, text=True, env=os.environ
        ) as process:
            acknowledged = [process.stdout.readline()]
            deadline = time.monotonic() + moments.uniform(0.05, 0.5)
            while time.monotonic() < deadline:
                acknowledged.append(process.stdout.readline())
            process.send_signal(signal.SIGKILL)
            rest = process.stdout.read().splitlines()
        assert process.returncode == -signal.SIGKILL
        build, version = (acknowledged + rest)[-1].split()
        begin = _check(url, build, int(version)) + 1


def _check(url: str, build: str, version: int) -> int:
    """Compare with what was acknowledged last; returns the number of the newest build."""
    with Registry.open(url) as registry:
        builds = registry.builds()
        active = registry.active_build()
        assert [b.id for b in builds if b.state == "published"] == [active.id]
        assert {b.state for b in builds} <= {"published", "superseded"}
        last, newest = int(build[1:]), int(active.id[1:])
        assert newest in (last, last + 1)
        for kept in builds[:3]:
            assert registry.count(kept.id) == LEADS
            assert len(registry.settlements_of_previous(kept.id)) == LEADS
            assert [lead["rank"] for lead in registry.lead_page(kept.id, limit=LEADS)] == list(range(1, LEADS + 1))
        assert registry.lead_state("L-1").version in (version, version + 1)
        assert registry.verify_audit().intact
        changes = [r.event.reason for r in registry.audit_records() if r.event.action == "leads.status"]
        assert build in changes
        assert len(changes) == registry.lead_state("L-1").version
        return newest

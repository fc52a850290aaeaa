"""The composition of a build, with quick stand-ins for what it composes: failures, resuming, publishing, pruning."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import duckdb
import pytest

from api import pipeline
from graphaudit.builds.manifest import Manifest, manifests
from graphaudit.builds.view import BuildView
from graphaudit.errors import BuildError, ConfigurationError, NotFoundError, SourceError, StoreError
from graphaudit.findings import Finding, Member, Signal, Text
from graphaudit.registry import Registry
from graphaudit.settings import Settings

STAGES = ("stage", "derive", "graph", "detect", "rank", "publish")


class StandInReader:
    """Reads nothing."""

    capabilities: frozenset[str] = frozenset()

    def close(self) -> None:
        pass


class StandInStore:
    """Keeps which graphs it holds in files, so that it survives the object as a real store does."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)

    def write(self, build_id: str, tables: object, progress: object) -> dict[str, int]:
        (self.folder / build_id).write_text("graph", encoding="utf-8")
        return {"Person": 2}

    def write_leads(self, build_id: str, leads: Sequence[Mapping[str, Any]]) -> None:
        (self.folder / build_id).write_text(f"graph with {len(leads)} leads", encoding="utf-8")

    def activate(self, build_id: str) -> None:
        assert (self.folder / build_id).read_text(encoding="utf-8") != "graph", "shown without its leads"
        (self.folder.parent / "shown").write_text(build_id, encoding="utf-8")

    def open(self, build_id: str) -> StandInReader:
        if not (self.folder / build_id).exists():
            raise NotFoundError(f"no graph {build_id}")
        return StandInReader()

    def remove(self, build_id: str) -> None:
        (self.folder / build_id).unlink(missing_ok=True)

    def close(self) -> None:
        pass


class StandInReport:
    """What a loader reports."""

    coverage = frozenset({"settlements", "settlements.begin_at"})
    rows_read, rows_rejected = 3, 0
    canonical_rows: Mapping[str, int] = {"settlements": 1, "persons": 1, "lines": 1}

    def as_dict(self) -> dict[str, Any]:
        return {"rows_in": 3}

    def readable(self) -> str:
        return "3 rows read"


FINDING = Finding(
    detector="settling_together",
    pattern="hoarded_cards",
    kind="co_swipe_session",
    members=(Member("person", 1, "card_holder", 0.5),),
    settlements=(1, 2),
    signals=(Signal("llr", 3.0, 0.5, Text("甲", "a")),),
    text=Text("甲", "a"),
    values={"days": 4},
)


def a_lead(build_id: str) -> dict[str, Any]:
    return {
        "rank": 1,
        "id": "L-AAA",
        "build_id": build_id,
        "score": 0.5,
        "q_value": None,
        "pattern": "hoarded_cards",
        "title": {"zh": "甲", "en": "a"},
        "members": [{"type": "person", "id": "p", "role": "card_holder", "strength": 0.5}],
        "amount": {"fund": 0.0, "account": 0.0, "total": 1.0},
        "priority": 0.1,
        "period": {"from": "2026-01-01", "to": "2026-01-02"},
        "evidence": [
            {"kind": "x", "detector": "d", "settlements": ["S1"], "text": {"zh": "甲", "en": "a"}, "values": {}}
        ],
        "benign_explanations": [],
        "would_clear": None,
        "legal_basis": [],
        "status": "new",
        "contributions": [],
    }


Fail = Callable[[str, BaseException | None], None]


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data=tmp_path / "home", site_key="0123456789abcdef" * 3)  # type: ignore[arg-type]


@pytest.fixture
def source(tmp_path: Path) -> Path:
    folder = tmp_path / "city"
    folder.mkdir()
    (folder / "setl_d.csv").write_text("setl_id\n1\n", encoding="utf-8")
    return folder


@pytest.fixture
def fail(monkeypatch: pytest.MonkeyPatch, settings: Settings) -> Fail:
    """Stand-ins for every part; `fail(stage, error)` makes one of them raise, None mends it."""
    wrong: dict[str, BaseException] = {}
    seen: list[Finding] = []

    def trip(stage: str) -> None:
        if stage in wrong:
            raise wrong[stage]

    def stage_source(source: Path, tables: Path, *, rejects: Path, **_: Any) -> StandInReport:
        tables.mkdir()
        with duckdb.connect() as connection:
            target = str(tables / "settlements.parquet")
            connection.execute("COPY (SELECT 1 AS settlement_no) TO $path (FORMAT parquet)", {"path": target})
        rejects.write_text("line 2", encoding="utf-8")
        trip("stage")
        return StandInReport()

    def derive(tables: duckdb.DuckDBPyConnection, out: Path, **_: Any) -> dict[str, int]:
        assert tables.execute("SELECT count(*) FROM settlements").fetchone() == (1,)
        out.mkdir()
        (out / "half").write_text("x", encoding="utf-8")
        trip("derive")
        return {"holds": 1}

    def run_all(view: BuildView, **_: Any) -> tuple[list[Finding], list[Any]]:
        assert "settlements" in view.coverage
        trip("detect")
        return [FINDING], []

    def rank_findings(findings: Sequence[Finding], view: BuildView, **_: Any) -> list[dict[str, Any]]:
        seen[:] = findings
        trip("rank")
        assert list(findings) == [FINDING]
        return [a_lead(view.build_id)]

    class TrippingStore(StandInStore):
        def write(self, build_id: str, tables: object, progress: object) -> dict[str, int]:
            trip("graph")
            return super().write(build_id, tables, progress)

        def write_leads(self, build_id: str, leads: Sequence[Mapping[str, Any]]) -> None:
            trip("publish")
            super().write_leads(build_id, leads)

        def activate(self, build_id: str) -> None:
            trip("activate")
            super().activate(build_id)

    monkeypatch.setattr(pipeline, "stage_source", stage_source)
    monkeypatch.setattr(pipeline, "derive", derive)
    monkeypatch.setattr(pipeline, "run_all", run_all)
    monkeypatch.setattr(pipeline, "rank_findings", rank_findings)
    monkeypatch.setattr(pipeline, "store_of", lambda _: TrippingStore(settings.data / "graph"))

    def set_failure(stage: str, error: BaseException | None) -> None:
        wrong.pop(stage, None)
        if error is not None:
            wrong[stage] = error

    return set_failure


def shown(settings: Settings) -> str | None:
    path = settings.data / "shown"
    return path.read_text(encoding="utf-8") if path.exists() else None


def active(settings: Settings) -> str | None:
    with Registry.open(settings.registry_url) as registry:
        build = registry.active_build()
        return build.id if build else None


def test_a_build_runs_all_stages_and_is_served(settings: Settings, source: Path, fail: Fail) -> None:
    result = pipeline.build(source, settings)
    assert result.ran == STAGES
    assert result.leads == 1
    assert active(settings) == result.build_id
    assert Manifest.read(result.folder).state == "published"
    assert (settings.data / "graph" / result.build_id).read_text(encoding="utf-8") == "graph with 1 leads"
    report = json.loads((result.folder / "report.json").read_text(encoding="utf-8"))
    assert report["load"] == {"rows_in": 3}
    assert [stage["state"] for stage in report["stages"]] == ["done"] * 6
    text = (result.folder / "report.txt").read_text(encoding="utf-8")
    assert "3 rows read" in text
    assert "peak MB" in text


@pytest.mark.parametrize("stage", STAGES)
def test_a_failed_rebuild_leaves_the_old_build_serving(
    settings: Settings, source: Path, fail: Fail, stage: str
) -> None:
    old = pipeline.build(source, settings)
    fail(stage, StoreError("out of luck", "try again"))
    with pytest.raises(BuildError, match=f"failed at stage {stage}: out of luck"):
        pipeline.build(source, settings)
    assert active(settings) == old.build_id
    newest = manifests(settings.builds_folder)[0]
    assert newest.state == "failed"
    assert newest.error == {"stage": stage, "detail": "out of luck", "hint": "try again"}
    folder = settings.builds_folder / newest.build_id
    assert not [entry for entry in folder.iterdir() if entry.name.startswith(".")]
    assert "Stopped at stage" in (folder / "report.txt").read_text(encoding="utf-8")
    if stage == "stage":
        assert (folder / "rejects.csv").exists()
        assert not (folder / "tables").exists()
    fail(stage, None)
    resumed = pipeline.build(source, settings, resume=True)
    assert resumed.build_id == newest.build_id
    assert resumed.ran == STAGES[STAGES.index(stage) :]
    assert active(settings) == newest.build_id


def test_an_interrupted_build_says_so_and_resumes(settings: Settings, source: Path, fail: Fail) -> None:
    fail("detect", KeyboardInterrupt())
    with pytest.raises(KeyboardInterrupt):
        pipeline.build(source, settings)
    assert manifests(settings.builds_folder)[0].state == "interrupted"
    fail("detect", None)
    assert pipeline.build(source, settings, resume=True).ran == ("detect", "rank", "publish")


def test_a_build_whose_publication_was_not_noted_is_published_once(
    settings: Settings, source: Path, fail: Fail
) -> None:
    first = pipeline.build(source, settings)
    manifest = Manifest.read(first.folder)
    manifest.state = "running"
    manifest.stage("publish").state = "running"
    manifest.write(first.folder)
    again = pipeline.build(source, settings, resume=True)
    assert (again.build_id, again.ran, again.leads) == (first.build_id, (), 1)
    assert Manifest.read(first.folder).state == "published"
    with Registry.open(settings.registry_url) as registry:
        assert [build.id for build in registry.builds()] == [first.build_id]


def test_resume_begins_anew_when_the_source_changed(settings: Settings, source: Path, fail: Fail) -> None:
    fail("rank", StoreError("no"))
    with pytest.raises(BuildError):
        pipeline.build(source, settings)
    fail("rank", None)
    (source / "setl_d.csv").write_text("setl_id\n1\n2\n", encoding="utf-8")
    assert pipeline.build(source, settings, resume=True).ran == STAGES
    assert len(manifests(settings.builds_folder)) == 1


def test_resume_begins_anew_when_a_parameter_changed(settings: Settings, source: Path, fail: Fail) -> None:
    fail("rank", StoreError("no"))
    with pytest.raises(BuildError):
        pipeline.build(source, settings)
    fail("rank", None)
    changed = settings.model_copy(update={"seed": 5})
    assert pipeline.build(source, changed, resume=True).ran == STAGES


def test_only_so_many_builds_are_kept_everywhere(settings: Settings, source: Path, fail: Fail) -> None:
    built = [pipeline.build(source, settings).build_id for _ in range(5)]
    assert [manifest.build_id for manifest in manifests(settings.builds_folder)] == built[:1:-1]
    assert sorted(entry.name for entry in (settings.data / "graph").iterdir()) == built[2:]
    with Registry.open(settings.registry_url) as registry:
        assert sorted(build.id for build in registry.builds()) == built[2:]


def test_an_earlier_build_can_be_served_again(settings: Settings, source: Path, fail: Fail) -> None:
    first, second = (pipeline.build(source, settings).build_id for _ in range(2))
    assert active(settings) == second
    pipeline.rollback(first, settings)
    assert active(settings) == first
    with pytest.raises(NotFoundError):
        pipeline.rollback("b-never", settings)
    assert active(settings) == first


def test_the_store_shows_what_the_registry_serves(settings: Settings, source: Path, fail: Fail) -> None:
    first = pipeline.build(source, settings).build_id
    assert shown(settings) == active(settings) == first
    fail("publish", StoreError("no room", "make room"))
    with pytest.raises(BuildError):
        pipeline.build(source, settings)
    assert shown(settings) == active(settings) == first
    fail("publish", None)
    second = pipeline.build(source, settings, resume=True).build_id
    assert shown(settings) == active(settings) == second
    pipeline.rollback(first, settings)
    assert shown(settings) == active(settings) == first


def test_a_store_that_could_not_be_pointed_is_pointed_when_the_build_is_resumed(
    settings: Settings, source: Path, fail: Fail
) -> None:
    first = pipeline.build(source, settings).build_id
    fail("activate", StoreError("the server is away", "start it"))
    with pytest.raises(BuildError, match="the server is away"):
        pipeline.build(source, settings)
    second = active(settings)
    assert second != first
    assert shown(settings) == first
    fail("activate", None)
    assert pipeline.build(source, settings, resume=True).build_id == second
    assert shown(settings) == second


def test_rolling_back_loads_a_graph_again_that_the_store_has_given_up(
    settings: Settings, source: Path, fail: Fail
) -> None:
    first, _ = (pipeline.build(source, settings).build_id for _ in range(2))
    graph = settings.data / "graph" / first
    graph.unlink()
    pipeline.rollback(first, settings)
    assert active(settings) == shown(settings) == first
    assert graph.read_text(encoding="utf-8") == "graph with 1 leads"


def test_a_build_that_was_never_published_is_not_rolled_back_to(settings: Settings, source: Path, fail: Fail) -> None:
    fail("publish", StoreError("no room", "make room"))
    with pytest.raises(BuildError):
        pipeline.build(source, settings)
    (unpublished,) = [manifest.build_id for manifest in manifests(settings.builds_folder)]
    with pytest.raises(BuildError, match="never published"):
        pipeline.rollback(unpublished, settings)


@pytest.mark.parametrize("make", [lambda path: None, lambda path: path.write_text("x", encoding="utf-8")])
def test_a_source_that_is_no_folder_leaves_nothing_behind(
    settings: Settings, tmp_path: Path, make: Callable[[Path], None]
) -> None:
    make(tmp_path / "nowhere")
    with pytest.raises(SourceError, match="no folder"):
        pipeline.build(tmp_path / "nowhere", settings)
    assert not settings.data.exists()


def test_a_full_disk_is_noticed_before_anything_is_built(
    settings: Settings, source: Path, fail: Fail, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("graphaudit.builds.resources.LEAST_FREE_BYTES", 10**18)
    with pytest.raises(BuildError, match="GB free"):
        pipeline.build(source, settings)


def test_a_key_that_others_can_read_stops_a_build(settings: Settings, source: Path, fail: Fail) -> None:
    exposed = settings.model_copy(update={"site_key": None})
    exposed.data.mkdir()
    exposed.key_file.write_text("0123456789abcdef" * 4, encoding="utf-8")
    exposed.key_file.chmod(0o644)
    with pytest.raises(ConfigurationError, match="can be read by others"):
        pipeline.build(source, exposed)
    assert manifests(settings.builds_folder) == []

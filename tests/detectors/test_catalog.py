"""The catalogue: one list of all detectors, asked together, skipped with the reason, refused before anything runs."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import pytest

from detectors import catalog
from detectors.base import Detector, DetectorSpec, Param, Skipped, Value, effective, skip_reason
from detectors.catalog import DETECTORS, DetectorCost, SkippedDetector, detector, run_all
from detectors.pattern import PatternDetector
from graphaudit.builds.view import BuildView
from graphaudit.errors import ConfigurationError
from graphaudit.findings import Finding, Member, Text
from graphaudit.progress import SilentProgress
from graphaudit.records import TABLES

COVERAGE = frozenset(
    name for table in TABLES for name in (table.name, *(f"{table.name}.{column.name}" for column in table.columns))
)
every_detector = pytest.mark.parametrize("each", DETECTORS, ids=lambda each: each.spec.id)


class Untouchable:
    """A graph, or tables, that nobody may ask."""

    capabilities = frozenset[str]()

    def __getattr__(self, name: str) -> Any:
        raise AssertionError(f"asked for {name}")


class Told(SilentProgress):
    """Remembers what it was told."""

    def __init__(self) -> None:
        self.said: list[Any] = []

    def stage(self, name: str, total: int | None = None) -> None:
        self.said.append((name, total))

    def advance(self, n: int = 1, note: str = "") -> None:
        self.said.append(note)


class Probe:
    """A detector that finds one person, or says why it cannot."""

    def __init__(self, name: str, *, status: str = "trial", skips: bool = False, **more: Any) -> None:
        self.spec = DetectorSpec(
            id=name, version=1, pattern="insider", kind="probe", title=Text("试", "try"), question=Text("？", "?"),
            status=status, params=(Param("least", 2, "two"),), misses=(Text("无", "all"),), **more,
        )  # fmt: skip
        self.skips = skips
        self.given: list[Mapping[str, Value]] = []

    def find(self, build: BuildView, params: Mapping[str, Value]) -> Iterable[Finding]:
        self.given.append(params)
        if self.skips:
            raise Skipped(Text("时间没有时刻", "times carry no clock"))
        member = Member("person", 7, "claimant")
        yield Finding(self.spec.id, "insider", "probe", (member,), (1,), (), Text("一", "one"))


def view(coverage: frozenset[str] = COVERAGE, capabilities: frozenset[str] = frozenset()) -> BuildView:
    graph = Untouchable()
    graph.capabilities = capabilities
    return BuildView("B", Untouchable(), graph, coverage)  # type: ignore[arg-type]


def only(monkeypatch: pytest.MonkeyPatch, *probes: Probe) -> None:
    monkeypatch.setattr(catalog, "DETECTORS", probes)


def test_the_catalogue_holds_every_query_and_every_detector_once(repository: Path) -> None:
    names = [each.spec.id for each in DETECTORS]
    assert len(set(names)) == len(names)
    queries = [each.spec.id for each in DETECTORS if isinstance(each, PatternDetector)]
    assert queries == sorted(path.stem for path in (repository / "cypher" / "patterns").glob("*.cypher"))
    assert names[-len(queries) :] == queries


@every_detector
def test_a_specification_documents_its_detector(each: Detector) -> None:
    spec = each.spec
    assert re.fullmatch(r"[a-z][a-z0-9_]*", spec.id)
    assert spec.version >= 1
    assert spec.benign
    assert spec.legal_basis
    assert spec.needs
    for text in (
        spec.title,
        spec.question,
        *spec.benign,
        *spec.misses,
        *([spec.null_model] if spec.null_model else []),
    ):
        assert re.search(r"[\u4e00-\u9fff]", text.zh)
        assert not re.search(r"[\u4e00-\u9fff]", text.en)
        assert text.en.strip()
    assert len({param.name for param in spec.params}) == len(spec.params)
    assert all(param.reason for param in spec.params)
    assert {name for need in spec.needs for name in need.split("|")} <= COVERAGE


@every_detector
def test_each_unmet_need_skips_the_detector_and_is_named(each: Detector) -> None:
    assert skip_reason(each.spec, view(capabilities=frozenset(each.spec.needs_engine))) is None
    for need in each.spec.needs:
        options = need.split("|")
        reason = skip_reason(each.spec, view(COVERAGE - set(options)))
        assert reason is not None
        assert all(option in reason.en and option in reason.zh for option in options)
        for option in options:
            kept = COVERAGE - (set(options) - {option})
            assert skip_reason(each.spec, view(kept, frozenset(each.spec.needs_engine))) is None


def test_a_source_that_delivers_nothing_skips_every_detector_and_asks_nothing() -> None:
    findings, skipped = run_all(view(frozenset()))
    assert findings == []
    assert [skip.detector for skip in skipped] == [each.spec.id for each in DETECTORS]
    assert all("does not deliver" in skip.reason.en and "缺少" in skip.reason.zh for skip in skipped)


def test_what_the_store_cannot_do_skips_a_detector(monkeypatch: pytest.MonkeyPatch) -> None:
    only(monkeypatch, Probe("probe", needs_engine=("paths", "fulltext")))
    findings, skipped = run_all(view(capabilities=frozenset({"paths"})))
    assert findings == []
    assert skipped == [SkippedDetector("probe", Text("图数据库不支持 fulltext", "the graph store cannot do fulltext"))]
    assert len(run_all(view(capabilities=frozenset({"paths", "fulltext"})))[0]) == 1


def test_a_detector_that_cannot_answer_is_skipped_with_its_own_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    only(monkeypatch, Probe("first", skips=True), Probe("second"))
    costs: list[DetectorCost] = []
    findings, skipped = run_all(view(), costs=costs)
    assert [finding.detector for finding in findings] == ["second"]
    assert [(cost.detector, cost.findings) for cost in costs] == [("second", 1)]
    assert skipped == [SkippedDetector("first", Text("时间没有时刻", "times carry no clock"))]


def test_retired_detectors_do_not_run(monkeypatch: pytest.MonkeyPatch) -> None:
    retired = Probe("old", status="retired")
    only(monkeypatch, retired, Probe("new"))
    findings, skipped = run_all(view(), only=["old", "new"])
    assert ([finding.detector for finding in findings], skipped, retired.given) == (["new"], [], [])


def test_detectors_run_in_the_order_of_the_catalogue_with_their_parameters(monkeypatch: pytest.MonkeyPatch) -> None:
    probes = [Probe("c"), Probe("a"), Probe("b")]
    only(monkeypatch, *probes)
    build = view()
    build.progress = told = Told()
    findings, _ = run_all(build, only=["b", "c"], overrides={"c": {"least": 5}})
    assert [finding.detector for finding in findings] == ["c", "b"]
    assert [probe.given for probe in probes] == [[{"least": 5}], [], [{"least": 2}]]
    assert told.said == [("detect", 2), "c", "b"]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"only": ["nobody"]}, "there is no detector nobody"),
        ({"overrides": {"nobody": {}}}, "there is no detector nobody"),
        ({"overrides": {"b": {"most": 1}}}, "there is no parameter most"),
        ({"overrides": {"b": {"least": "many"}}}, "parameter least takes int"),
        ({"overrides": {"b": {"least": 2.5}}}, "parameter least takes int"),
    ],
)
def test_an_unknown_detector_or_parameter_is_refused_before_anything_runs(
    monkeypatch: pytest.MonkeyPatch, arguments: dict[str, Any], words: str
) -> None:
    first = Probe("a")
    only(monkeypatch, first, Probe("b"))
    with pytest.raises(ConfigurationError, match=words):
        run_all(view(), **arguments)
    assert first.given == []


def test_an_unknown_detector_is_answered_with_the_known_ones() -> None:
    with pytest.raises(ConfigurationError) as caught:
        detector("nobody")
    assert all(each.spec.id in caught.value.hint for each in DETECTORS)
    assert detector(DETECTORS[0].spec.id) is DETECTORS[0]


@every_detector
def test_every_default_passes_its_own_check(each: Detector) -> None:
    defaults = effective(each.spec.params, {})
    assert effective(each.spec.params, defaults) == defaults


@pytest.mark.parametrize(
    "wrong", [{"pattern": "witchcraft"}, {"status": "live"}, {"misses": ()}], ids=["pattern", "status", "misses"]
)
def test_a_specification_that_says_too_little_is_refused(wrong: dict[str, Any]) -> None:
    said: dict[str, Any] = {
        "id": "probe", "version": 1, "pattern": "insider", "kind": "probe", "title": Text("试", "try"),
        "question": Text("？", "?"), "status": "trial", "misses": (Text("无", "all"),),
    }  # fmt: skip
    assert DetectorSpec(**said).id == "probe"
    with pytest.raises(ConfigurationError, match="detector probe"):
        DetectorSpec(**{**said, **wrong})

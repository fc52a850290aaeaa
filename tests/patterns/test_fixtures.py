"""Every pattern query finds what its folder says, leaves its innocent look-alikes alone, and depends on no order.

graph.yml is a tiny world (see tests/graph_builder.py). expected.yml says
found:        findings as members by role, and settlements; there may be no others
bounds:       for every parameter a value at which the findings stand, and one at which they are gone
innocent:     every look-alike of the header, by its English name: `who` they are, and what keeps them out:
              `appears_with` the parameters at which they would be found (so the world tests that threshold),
              `weighed` the cause that takes at least three fifths of the evidence of a finding about them,
              `never` why no threshold could let them in
incomplete:   those whose values are missing, whom no threshold may let in
"""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from detectors.base import Value, effective
from detectors.catalog import detector, run_all
from detectors.pattern import PatternDetector
from graphaudit.builds.view import BuildView
from graphaudit.findings import Finding
from graphaudit.queries import load_patterns
from tests.finding_rows import assert_rows_are_of_whom_they_should_be
from tests.graph_builder import COVERED, TinyWorld, spread

FOLDER = Path(__file__).parent
QUERIES = {query.id: query for query in load_patterns()}
OUTCOMES = {"appears_with", "weighed", "never"}

#: The share of the evidence that an innocent cause must take before a look-alike counts as left alone.
EXPLAINED = 0.6

every_pattern = pytest.mark.parametrize("pattern", QUERIES)


@dataclass(frozen=True)
class Told:
    """A finding in the words of the fixture: (role, key) of the members, and settlements."""

    members: frozenset[tuple[str, str]]
    settlements: frozenset[str]

    @property
    def who(self) -> set[str]:
        return {key for _, key in self.members}


def expected(pattern: str) -> dict[str, Any]:
    return yaml.safe_load((FOLDER / pattern / "expected.yml").read_text(encoding="utf-8"))


def demanded(pattern: str, world: TinyWorld) -> set[Told]:
    return {
        Told(
            frozenset((role, key) for role, entry in found["members"].items() for key in spread(entry)),
            frozenset(world.settlements(found["settlements"])),
        )
        for found in expected(pattern)["found"]
    }


def told(finding: Finding, world: TinyWorld) -> Told:
    return Told(
        frozenset((member.role, world.key(member.kind, member.no)) for member in finding.members),
        frozenset(world.key("settlement", number) for number in finding.settlements),
    )


def ask(pattern: str, view: BuildView, overrides: Mapping[str, Value] | None = None) -> list[Finding]:
    """What the detector of the catalogue finds; nothing may keep it from running."""
    findings, skipped = run_all(view, only=[pattern], overrides={pattern: overrides or {}})
    assert not skipped
    assert_rows_are_of_whom_they_should_be(findings, view.tables)
    return findings


def relaxed(pattern: str) -> dict[str, Value]:
    """Every threshold of a pattern so loose that it excludes nobody."""
    loose: dict[str, Value] = {}
    for param in QUERIES[pattern].params:
        assert param.name.startswith(("least_", "most_")), param.name
        bound = 0 if param.name.startswith("least_") else 10**6
        loose[param.name] = type(param.default)(bound)
    return loose


def test_every_query_has_a_folder_and_every_folder_a_query() -> None:
    folders = {path.name for path in FOLDER.iterdir() if (path / "graph.yml").is_file()}
    assert folders == set(QUERIES)
    assert all((FOLDER / name / "expected.yml").is_file() for name in folders)


@every_pattern
def test_what_must_be_found_is_found_and_nothing_else(pattern: str, world_of: Any) -> None:
    world, view = world_of(pattern)
    must = demanded(pattern, world)
    findings = {told(finding, world): finding for finding in ask(pattern, view)}
    assert must
    assert must <= set(findings)
    others = {one: finding for one, finding in findings.items() if one not in must}
    for innocent in expected(pattern)["innocent"].values():
        if "weighed" not in innocent:
            continue
        about = [one for one in others if set(spread(innocent["who"])) <= one.who]
        assert len(about) == 1, innocent
        nearest = others.pop(about[0]).benign[0]
        assert (nearest.cause, nearest.weight >= EXPLAINED) == (innocent["weighed"], True)
    assert not others


@every_pattern
def test_numbers_of_a_finding_are_those_of_its_settlements_and_members(pattern: str, world_of: Any) -> None:
    _, view = world_of(pattern)
    day_of = dict(view.tables.execute("SELECT settlement_no, day FROM settlements").fetchall())
    for finding in ask(pattern, view):
        days = {day_of[number] for number in finding.settlements}
        assert finding.settlements == tuple(sorted(finding.settlements))
        assert finding.values["settlements"] == len(finding.settlements)
        assert finding.values["persons"] == sum(member.kind == "person" for member in finding.members)
        assert (finding.values["days"], finding.values["span_days"]) == (len(days), max(days) - min(days) + 1)
        assert all(signal.value >= 0 and signal.weight > 0 for signal in finding.signals)
        for text in (finding.text.zh, finding.text.en):
            assert str(finding.values["settlements"]) in text
            assert "{" not in text


@every_pattern
def test_every_look_alike_of_the_header_has_a_counterpart(pattern: str, world_of: Any) -> None:
    world, _ = world_of(pattern)
    content = expected(pattern)
    assert set(content["innocent"]) == {text.en for text in QUERIES[pattern].benign}
    for name, innocent in content["innocent"].items():
        assert len(OUTCOMES & set(innocent)) == 1, name
        assert set(innocent) <= {*OUTCOMES, "who"}, name
    named = [key for innocent in content["innocent"].values() for key in spread(innocent["who"])]
    named += spread(content["incomplete"])
    assert all(world.knows(key) for key in named)
    assert len(set(named)) == len(named)
    with_settlements = {world.key("person", row["person_no"]) for row in world.rows["settlements"]}
    assert {key for key in named if key in world.numbers["person"]} <= with_settlements


@every_pattern
def test_look_alikes_are_kept_out_by_the_threshold_that_is_meant_to_keep_them_out(pattern: str, world_of: Any) -> None:
    world, view = world_of(pattern)
    for name, innocent in expected(pattern)["innocent"].items():
        who = set(spread(innocent["who"]))
        if "appears_with" in innocent:
            loosened = [told(finding, world) for finding in ask(pattern, view, innocent["appears_with"])]
            assert who <= {key for one in loosened for key in one.who}, name
        if "never" in innocent:
            assert innocent["never"].strip()
            anything = [told(finding, world) for finding in ask(pattern, view, relaxed(pattern))]
            assert not any(who & one.who for one in anything), name


@every_pattern
def test_a_missing_value_joins_nobody_to_anybody(pattern: str, world_of: Any) -> None:
    world, view = world_of(pattern)
    incomplete = set(spread(expected(pattern)["incomplete"]))
    anything = [told(finding, world) for finding in ask(pattern, view, relaxed(pattern))]
    assert incomplete
    assert anything
    assert not any(incomplete & one.who for one in anything)


@every_pattern
def test_findings_stand_on_one_side_of_every_threshold_and_are_gone_on_the_other(pattern: str, world_of: Any) -> None:
    world, view = world_of(pattern)
    must = demanded(pattern, world)
    bounds = expected(pattern)["bounds"]
    assert set(bounds) == {param.name for param in QUERIES[pattern].params}
    for name, (stands, gone) in bounds.items():
        held = {told(finding, world) for finding in ask(pattern, view, {name: stands})}
        assert must <= held, f"{name} = {stands}"
        left = {told(finding, world) for finding in ask(pattern, view, {name: gone})}
        assert not any(one.members <= other.members for one in must for other in left), f"{name} = {gone}"


class Shuffled:
    """Answers with recorded rows: rows and lists in another order each time, some entries twice, some null."""

    capabilities = frozenset[str]()

    def __init__(self, rows: list[dict[str, Any]], seed: int) -> None:
        self.rows = rows
        self.random = random.Random(seed)

    def run(self, text: str, parameters: Mapping[str, Any]) -> list[dict[str, Any]]:
        answer = [
            {alias: self._mixed(value) if isinstance(value, list) else value for alias, value in row.items()}
            for row in (*self.rows, *self.rows[:1])
        ]
        self.random.shuffle(answer)
        return answer

    def _mixed(self, values: list[Any]) -> list[Any]:
        mixed = [*values, *values[:2], None]
        self.random.shuffle(mixed)
        return mixed


@every_pattern
def test_findings_do_not_depend_on_the_order_of_rows_in_graph_or_tables(pattern: str, world_of: Any) -> None:
    world, view = world_of(pattern)
    asked = detector(pattern)
    assert isinstance(asked, PatternDetector)
    params = effective(asked.spec.params, {})
    used = {name: value for name, value in params.items() if f"${name}" in asked.query.body}
    rows = view.graph.run(asked.query.body, used)
    straight = list(asked.find(view, params))
    mix = random.Random(9)
    tables = world.tables(lambda filled: mix.sample(filled, len(filled)))
    for seed in range(3):
        other = BuildView("other", tables if seed else view.tables, Shuffled(rows, seed), COVERED)  # type: ignore[arg-type]
        assert list(asked.find(other, params)) == straight

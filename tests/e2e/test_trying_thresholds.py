"""Thresholds tried on a build that exists: what appears, disappears and moves, and that nothing is changed by it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from api.cli import main
from api.trial import read_tried
from detectors.catalog import DETECTORS
from graphaudit.builds.hashes import output_hashes
from graphaudit.builds.manifest import manifests
from graphaudit.errors import ConfigurationError

pytestmark = pytest.mark.slow

Try = Callable[..., dict[str, Any]]


@pytest.fixture
def tried(home: Path, capsys: pytest.CaptureFixture[str]) -> Try:
    """Tries what it is given on the build of the tiny city and returns the answer."""

    def run(*names: str) -> dict[str, Any]:
        capsys.readouterr()
        options = [part for name in names for part in ("--try", name)]
        assert main(["detect", *options, "--data", str(home), "--json"]) == 0
        answer: dict[str, Any] = json.loads(capsys.readouterr().out)
        return answer

    return run


@pytest.fixture
def leads(home: Path) -> list[dict[str, Any]]:
    """The leads of the build as they were written."""
    (manifest,) = manifests(home / "builds")
    found: list[dict[str, Any]] = json.loads((home / "builds" / manifest.build_id / "leads.json").read_text("utf-8"))
    return found


def test_what_the_build_had_changes_nothing(tried: Try, leads: list[dict[str, Any]]) -> None:
    asked = {evidence["detector"] for lead in leads for evidence in lead["evidence"]}
    params = [(d.spec.id, param) for d in DETECTORS if d.spec.id in asked for param in d.spec.params[:1]]
    assert params
    answer = tried(*(f"{name}.{param.name}={param.default}" for name, param in params))
    assert answer["changes"] == []
    assert answer["leads_before"] == answer["leads_after"] == len(leads)


def test_a_detector_asked_for_too_much_loses_its_leads(tried: Try, leads: list[dict[str, Any]]) -> None:
    bounds = {d.spec.id: p.name for d in DETECTORS for p in d.spec.params if p.name in {"least_units", "least_persons"}}
    alone: dict[str, set[str]] = {}
    for lead in leads:
        detectors = {evidence["detector"] for evidence in lead["evidence"]}
        if len(detectors) == 1 and (name := detectors.pop()) in bounds:
            alone.setdefault(name, set()).add(lead["id"])
    assert alone, "the tiny city must have leads that rest on one such detector alone"
    name, ids = min(alone.items())
    answer = tried(f"{name}.{bounds[name]}=100000")
    gone = [change for change in answer["changes"] if change["change"] == "disappears"]
    assert ids <= {change["lead_id"] for change in gone}
    assert all(change["rank_after"] is None and change["rank_before"] >= 1 for change in gone)
    assert answer["leads_after"] < len(leads)


def test_a_lower_score_lets_leads_appear_and_those_there_stay_where_they_are(
    tried: Try, leads: list[dict[str, Any]]
) -> None:
    answer = tried("least_score=0")
    assert {change["change"] for change in answer["changes"]} <= {"appears"}
    assert answer["leads_after"] == len(leads) + len(answer["changes"])
    shorter = tried("least_score=0.999")
    assert shorter["leads_after"] == 0
    assert {change["change"] for change in shorter["changes"]} == {"disappears"}


def test_trying_writes_nothing(home: Path, tried: Try) -> None:
    def everything() -> dict[str, str]:
        # a lock says who held it last
        return {name: value for name, value in output_hashes(home, (".",)).items() if not name.endswith("build.lock")}

    before = everything()
    tried("least_score=0.5")
    assert before
    assert everything() == before


def test_people_read_a_table(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["detect", "--try", "least_score=0.999", "--lang", "zh", "--data", str(home)]) == 0
    said = capsys.readouterr().out
    assert "disappears" in said
    assert any("\u4e00" <= character <= "\u9fff" for character in said)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("shared_invoice", "says nothing to try"),
        ("=3", "says nothing to try"),
        ("no_such.least=3", "there is no detector no_such"),
        ("shared_invoice.no_such=3", "there is no parameter no_such"),
        ("shared_invoice.least_persons=many", "give a whole number"),
        ("doctor_fills.least_log_p=much", "give a number"),
        ("least_score=2", "from 0 to below 1"),
    ],
)
def test_what_cannot_be_tried_is_said(text: str, said: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        read_tried([text])
    assert said in f"{caught.value.detail} {caught.value.hint}"


def test_values_have_the_type_of_their_parameter() -> None:
    tried = read_tried(["shared_invoice.least_persons=4", "doctor_fills.least_log_p=3", "least_score=0.3"])
    assert tried.detectors == {"shared_invoice": {"least_persons": 4}, "doctor_fills": {"least_log_p": 3.0}}
    assert isinstance(tried.detectors["doctor_fills"]["least_log_p"], float)
    assert tried.least_score == 0.3


def test_a_build_that_is_not_kept_is_said(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["detect", "--try", "least_score=0.5", "--against", "b1", "--data", str(home)]) == 1
    assert "b1" in capsys.readouterr().err

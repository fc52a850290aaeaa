"""Other thresholds tried on a build that exists: which leads would appear, disappear or move. Nothing is written."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from api.opened import opened_view
from detectors.base import effective
from detectors.catalog import DETECTORS, detector, run_all
from graphaudit.builds.findings_file import read_findings
from graphaudit.builds.hashes import code_version
from graphaudit.builds.lock import build_lock
from graphaudit.builds.manifest import Manifest
from graphaudit.builds.view import BuildView
from graphaudit.errors import ConfigurationError
from graphaudit.findings import Finding
from graphaudit.leads import rank_findings
from graphaudit.progress import Progress, SilentProgress
from graphaudit.query_spec import Value
from graphaudit.registry import Registry
from graphaudit.settings import LEAST_SCORE, QUOTAS, Settings
from graphaudit.stores import store_of

logger = logging.getLogger(__name__)

#: What may be tried beside the parameters of detectors.
LEAST_SCORE_NAME = "least_score"

Lead = Mapping[str, Any]
Overrides = dict[str, dict[str, Value]]


@dataclass(frozen=True, slots=True)
class Tried:
    """What is tried: parameters by detector, and the least score of a lead (None: as the build had it)."""

    detectors: Overrides
    least_score: float | None = None


@dataclass(frozen=True, slots=True)
class Change:
    """One lead that is not where it was; a rank and score of None means that the list does not have it."""

    lead_id: str
    pattern: str
    title: dict[str, str]
    rank_before: int | None
    rank_after: int | None
    score_before: float | None
    score_after: float | None

    @property
    def kind(self) -> str:
        """appears, disappears or moves."""
        if self.rank_before is None:
            return "appears"
        return "disappears" if self.rank_after is None else "moves"


@dataclass(frozen=True, slots=True)
class Trial:
    """The list of `build_id` before and after; `skipped` names tried detectors that cannot run on this build."""

    build_id: str
    tried: Tried
    leads_before: int
    leads_after: int
    changes: tuple[Change, ...]
    skipped: tuple[str, ...]


def read_tried(texts: Sequence[str]) -> Tried:
    """What `DETECTOR.PARAMETER=VALUE` and `least_score=VALUE` say, each value of the type that the parameter has.

    ConfigurationError for another form, an unknown detector or parameter, or a value of another type.
    """
    given: Overrides = {}
    least_score: float | None = None
    for text in texts:
        name, equals, value = (part.strip() for part in text.partition("="))
        owner, dot, parameter = name.partition(".")
        if equals and name == LEAST_SCORE_NAME:
            least_score = _least_score(value)
        elif equals and dot and parameter:
            known = detector(owner).spec.params
            defaults = {param.name: param.default for param in known}
            if parameter not in defaults:
                effective(known, {parameter: value})  # says which there are
            given.setdefault(owner, {})[parameter] = _value(name, value, defaults[parameter])
        else:
            raise ConfigurationError(
                f"{text!r} says nothing to try", f"write DETECTOR.PARAMETER=VALUE or {LEAST_SCORE_NAME}=VALUE"
            )
    if not given and least_score is None:
        raise ConfigurationError("nothing is tried", f"write DETECTOR.PARAMETER=VALUE or {LEAST_SCORE_NAME}=VALUE")
    return Tried(given, least_score)


def try_on(folder: Path, settings: Settings, tried: Tried, *, progress: Progress | None = None) -> Trial:
    """Ask the build in `folder` again with `tried` over the parameters that it was made with.

    Only the detectors concerned run; what the others found is taken as it is. When the build was made by another
    version of the code, they run a second time as the build had them, so that the thresholds alone make the
    difference. NotFoundError when the build's graph is gone; ConfigurationError for a build that did not get so far.
    """
    with build_lock(settings.data, settings.builds_folder):
        manifest = Manifest.read(folder)
        if manifest.stage("rank").state != "done":
            raise ConfigurationError(
                f"build {manifest.build_id} has no leads to compare with", "list others with: graphaudit builds list"
            )
        store = store_of(settings)
        try:
            with Registry.open(settings.registry_url) as registry:
                known = registry.settlements_of_previous(manifest.build_id)
                confirmed = registry.confirmed_cases()
            with (
                TemporaryDirectory(prefix="graphaudit-trial-") as spill,
                opened_view(
                    folder,
                    settings,
                    store,
                    Path(spill),
                    progress or SilentProgress(),
                    seed=int(manifest.parameters.get("seed", settings.seed)),
                    confirmed=confirmed,
                ) as view,
            ):
                return _compared(view, folder, manifest, tried, known)
        finally:
            store.close()


def _compared(
    view: BuildView, folder: Path, manifest: Manifest, tried: Tried, known: Mapping[str, frozenset[str]]
) -> Trial:
    """`known` holds the settlements of the build's leads, so that these keep their ids."""
    had: Overrides = manifest.parameters.get("detectors", {})
    had_least = float(manifest.parameters.get("least_score", LEAST_SCORE))
    quotas: Mapping[str, int] = manifest.parameters.get("quotas", QUOTAS)
    findings = read_findings(folder / "findings.json")
    before: list[dict[str, Any]] = json.loads((folder / "leads.json").read_text(encoding="utf-8"))
    if manifest.code_version != code_version():
        logger.info("asking again as before, by this version build=%s", manifest.build_id)
        findings, _ = _asked(view, findings, tried, had)
        before = rank_findings(findings, view, previous=known, least_score=had_least, quotas=quotas)
    wanted = {**had, **{name: {**had.get(name, {}), **params} for name, params in tried.detectors.items()}}
    found, skipped = _asked(view, findings, tried, wanted)
    least = had_least if tried.least_score is None else tried.least_score
    after = rank_findings(found, view, previous=known, least_score=least, quotas=quotas)
    return Trial(manifest.build_id, tried, len(before), len(after), _changes(before, after), skipped)


def _asked(
    view: BuildView, findings: Sequence[Finding], tried: Tried, params: Overrides
) -> tuple[list[Finding], tuple[str, ...]]:
    """`findings` with those of the detectors concerned made anew under `params`, in the order of the catalogue."""
    if not tried.detectors:
        return list(findings), ()
    anew, skipped = run_all(view, only=sorted(tried.detectors), overrides=params)
    place = {each.spec.id: number for number, each in enumerate(DETECTORS)}
    kept = [finding for finding in findings if finding.detector not in tried.detectors]
    together = sorted([*kept, *anew], key=lambda finding: place.get(finding.detector, len(place)))
    return together, tuple(entry.detector for entry in skipped)


def _changes(before: Sequence[Lead], after: Sequence[Lead]) -> tuple[Change, ...]:
    """Leads whose rank or score differs, in the order of the list after, then those that are gone."""
    old, new = {lead["id"]: lead for lead in before}, {lead["id"]: lead for lead in after}
    changes = []
    for lead_id in [*new, *(lead_id for lead_id in old if lead_id not in new)]:
        was, is_ = old.get(lead_id), new.get(lead_id)
        if was and is_ and (was["rank"], was["score"]) == (is_["rank"], is_["score"]):
            continue
        shown = is_ or was or {}
        changes.append(
            Change(
                lead_id,
                shown["pattern"],
                dict(shown["title"]),
                was["rank"] if was else None,
                is_["rank"] if is_ else None,
                was["score"] if was else None,
                is_["score"] if is_ else None,
            )
        )
    return tuple(changes)


def _least_score(value: str) -> float:
    number = float(_value(LEAST_SCORE_NAME, value, LEAST_SCORE))
    if not 0.0 <= number < 1.0:
        raise ConfigurationError(f"{LEAST_SCORE_NAME} is {value}", "give a share from 0 to below 1")
    return number


def _value(name: str, text: str, default: Value) -> Value:
    """`text` as a value of the type of `default`."""
    try:
        if isinstance(default, bool):
            return {"true": True, "false": False}[text.lower()]
        if isinstance(default, int):
            return int(text)
        return float(text) if isinstance(default, float) else text
    except (KeyError, ValueError):
        kind = {bool: "true or false", int: "a whole number", float: "a number"}[type(default)]
        raise ConfigurationError(f"{name} is {text!r}", f"give {kind}; the default is {default}") from None

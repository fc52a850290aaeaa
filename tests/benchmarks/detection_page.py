"""docs/detection.md: what was measured, in words and tables. Every table says on how many cities it rests."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from statistics import fmean
from typing import Any

from graphaudit.evaluation import honesty, reliability, summarise
from tests.benchmarks.ablations import ALL
from tests.benchmarks.detection_details import (
    ablation_section,
    curve_section,
    disturbed_section,
    further_section,
    weeks_section,
)
from tests.benchmarks.figures import cities as cities_in_words
from tests.benchmarks.figures import mean, number, with_interval
from tests.benchmarks.machine import described
from tests.benchmarks.markdown import table
from tests.benchmarks.measured_cities import OURS, Result
from tests.benchmarks.methods import PUBLISHED, SIMPLE, THRESHOLDS
from tests.benchmarks.perturbed import PERTURBATIONS
from tests.benchmarks.sampling import REPOSITORY
from tests.benchmarks.threshold_rules import RULES

METHODS = (OURS, *SIMPLE)
NO_RINGS = "no rings"

#: What is shown of each method: heading and name of the figure.
SHOWN = {
    "P@5": "precision@5",
    "P@10": "precision@10",
    "P@20": "precision@20",
    "P@50": "precision@50",
    "average precision": "average_precision",
    "ring recall": "ring_recall",
    "rings of ≤ 8 persons": "small_ring_recall",
    "ring recall in top 20": "ring_recall@20",
    "money in top 20": "money@20",
    "member F1": "member_f1",
    "roles right": "role_accuracy",
    "hits an hour in top 20": "hits_per_hour@20",
    "duplicates": "duplicate_share",
    "leads": "leads",
    "false leads": "false",
}
WITH_INTERVAL = frozenset({"precision@10", "precision@20", "ring_recall"})
COUNTS = frozenset({"leads", "false"})

ABOUT = (
    "A lead hits a ring when at least 0.6 of its persons belong to it and it names at least 0.3 of the ring's persons; "
    "a second lead on the same ring is a duplicate, everything else is false. Figures are means over cities, with 95 % "
    "bootstrap intervals where they are given ([the figures](evaluation.md)). A list shorter than k has empty places, "
    "and twenty rings a city allow at most P@50 = 0.40. An hour is an investigator's: 2 a lead and 0.3 a member. The "
    "cities are simulated: their rings and look-alikes are written apart from the detectors and share no constant with "
    "them, but a real city differs, and these figures are no promise about it."
)


@dataclass(frozen=True, slots=True)
class Measured:
    """All that was measured: size, seeds and levels of the ordinary cities; (name, figures) of every measurement."""

    size: str
    seeds: Sequence[int]
    levels: Sequence[int]
    results: Sequence[tuple[str, Any]]
    _by_name: dict[str, list[Any]] = field(default_factory=lambda: defaultdict(list))

    def __post_init__(self) -> None:
        for name, figures in self.results:
            self._by_name[name].append(figures)

    def of(self, name: str) -> list[Any]:
        """Figures of every measurement called `name`, in the order in which they were asked for."""
        return list(self._by_name.get(name, []))

    def cities(self, name: str) -> list[dict[str, Result]]:
        """Of each city of one kind, every method's figures."""
        return [figures["methods"] for figures in self.of(name)]

    def ours(self, name: str) -> list[Result]:
        """Of each city of one kind, our figures."""
        return [city[OURS] for city in self.cities(name)]


def page(measured: Measured) -> str:
    """The whole page, as Markdown."""
    first, last = min(measured.seeds), max(measured.seeds)
    parts = [
        "# Detection",
        f"Written by `make bench-detection` (`tests/benchmarks/bench_detection.py`) on {measured.size} cities, seeds "
        f"{first} to {last}; seeds 0 to 9 are for tuning. {described()}",
        ABOUT,
        _about_rules(),
    ]
    for level in measured.levels:
        cities = measured.cities(f"camouflage {level}")
        parts += [
            f"## Camouflage {level}",
            f"{cities_in_words(len(cities))}.",
            _methods(cities),
            _patterns(cities),
            _rules(cities),
            _false_leads(cities),
        ]
    parts += ["## Cities without rings", _ring_free(measured.cities(NO_RINGS))]
    parts += ["## Can its numbers be believed", _honesty(measured), _reliability(measured)]
    ablated = {
        level: [one["ablation"] for one in measured.of(f"camouflage {level}") if "ablation" in one]
        for level in measured.levels
    }
    if any(ablated.values()):
        parts += ["## What each channel carries", ablation_section(ablated, ALL)]
    disturbed = {name: measured.of(name) for name in PERTURBATIONS}
    if any(disturbed.values()):
        parts += ["## Records lost, clocks off, households unknown", disturbed_section(disturbed)]
    if measured.of("weeks"):
        parts += ["## From one week's build to the next", weeks_section(measured.of("weeks"))]
    rings = [ring for city in measured.of("planted") for ring in city]
    if rings:
        parts += ["## What it cannot see", curve_section(rings, len(measured.of("planted")))]
    ordinary = {"camouflage 1": measured.ours("camouflage 1")} if 1 in measured.levels else {}
    further = further_section(measured.results, ordinary)
    if further:
        parts += ["## Faulty records, drift, a type of ring nobody tuned on", further]
    parts += _other_pages()
    return "\n\n".join(parts) + "\n"


def _other_pages() -> list[str]:
    """Links to the pages that other measurements of detection have written beside this one."""
    pages = sorted((REPOSITORY / "docs").glob("detection-*.md"))
    titles = [file.read_text(encoding="utf-8").partition("\n")[0].lstrip("# ") for file in pages]
    links = [f"- [{title}]({file.name})" for title, file in zip(titles, pages, strict=True)]
    return ["## Measured elsewhere", "\n".join(links)] if links else []


def _methods(cities: list[dict[str, Result]]) -> str:
    rows = []
    for method in METHODS:
        figures = summarise([city[method] for city in cities])["figures"]
        rows.append([method, *(_shown(figures.get(name), name) for name in SHOWN.values())])
    return table(["", *SHOWN], rows)


def _shown(figure: dict[str, Any] | None, name: str) -> str:
    if figure is None:
        return "–"
    if name in WITH_INTERVAL:
        return with_interval(figure)
    return number(figure["mean"], 1 if name in COUNTS else 2)


def _patterns(cities: list[dict[str, Result]]) -> str:
    """Ours by pattern: the rings whoever found them, and the leads that bear the pattern's name."""
    rows = []
    for name in _names(cities, OURS):
        each = [row for row in (city[OURS]["by_pattern"].get(name) for city in cities) if row is not None]
        with_rings = [row for row in each if row["rings"]]
        counted = Counter[str]()
        for row in each:
            counted.update({key: row[key] for key in ("rings", "found", "leads", "hits", "other_rings", "false")})
        rows.append(
            [
                name,
                counted["rings"],
                counted["found"],
                mean(row["member_f1"] for row in with_rings),
                mean(row["role_accuracy"] for row in with_rings),
                mean(row["money"] for row in with_rings),
                counted["leads"],
                counted["hits"],
                counted["other_rings"],
                counted["false"],
                mean(row["at"]["5"]["precision"] for row in with_rings),
                mean(row["at"]["5"]["ceiling"] for row in with_rings),
                mean(row["average_precision"] for row in with_rings),
            ]
        )
    header = [
        "pattern", "rings", "found", "member F1", "roles right", "money", "its leads", "on its rings", "on other rings",
        "false", "P@5", "P@5 at most", "average precision",
    ]  # fmt: skip
    return (
        "Each pattern: its rings, whatever the lead on them is called (counts over all cities together); then leads "
        "that bear its name, read as a list of their own. `unexplained` is the exploration quota: groups that depart "
        "from chance under no pattern's name.\n\n" + table(header, rows)
    )


def _about_rules() -> str:
    said: dict[str, list[str]] = {"hoarded_cards": [f"{PUBLISHED} together"]}
    for rule in RULES:
        said.setdefault(rule.pattern, []).append(rule.says)
    rules = "; ".join(f"`{pattern}` {', or '.join(says)}" for pattern, says in sorted(said.items()))
    return (
        "Beside it stand simple methods ([what they do](evaluation.md#what-the-report-measures)). The threshold rules, "
        f"as published or as inspectors use them: {rules}."
    )


def _names(cities: list[dict[str, Result]], *methods: str) -> list[str]:
    return sorted({name for city in cities for method in methods for name in city[method]["by_pattern"]})


def _rules(cities: list[dict[str, Result]]) -> str:
    """Our list and the pattern's threshold rule, each on the pattern's own leads and rings; others by rings found."""
    rows = []
    for name in _names(cities, OURS, THRESHOLDS):
        if not any(city[OURS]["by_pattern"].get(name, {}).get("rings") for city in cities):
            continue
        cells: list[object] = [name]
        for method in (OURS, THRESHOLDS):
            each = [city[method]["by_pattern"][name] for city in cities if name in city[method]["by_pattern"]]
            with_rings = [row for row in each if row["rings"]]
            cells += [
                sum(row["hits"] for row in each),
                sum(row["leads"] - row["hits"] for row in each),
                mean(row["at"]["5"]["precision"] for row in with_rings),
                mean(row["average_precision"] for row in with_rings),
            ]
        for method in SIMPLE:
            cells.append(sum(city[method]["by_pattern"].get(name, {}).get("found", 0) for city in cities))
        rows.append(cells)
    header = ["pattern", "ours: hits", "other leads", "P@5", "AP", "rule: hits", "other leads", "P@5", "AP"]
    return (
        "Beside the threshold rule for the pattern, each read as a list of its own (counts over all cities together); "
        "and the pattern's rings found by each method, whatever it calls them.\n\n"
        + table([*header, *(f"found: {method}" for method in SIMPLE)], rows)
    )


def _false_leads(cities: list[dict[str, Result]]) -> str:
    classes = {method: summarise([city[method] for city in cities])["false_by_class"] for method in METHODS}
    names = sorted({name for counted in classes.values() for name in counted})
    if not names:
        return "No false leads."
    rows = [[name, *(f"{classes[method].get(name, 0):.1f}" for method in METHODS)] for name in names]
    return "False leads a city, by what they were really about:\n\n" + table(["class", *METHODS], rows)


def _ring_free(cities: list[dict[str, Result]]) -> str:
    rows = []
    for method in METHODS:
        leads = [city[method]["leads"] for city in cities]
        claimed = [city[method]["q_claimed"] for city in cities]
        rows.append([method, number(fmean(leads), 1), max(leads), number(fmean(claimed), 1)])
    return (
        f"{cities_in_words(len(cities))} of camouflage 1 with no ring planted: every lead is false.\n\n"
        + table(["", "leads a city (mean)", "most", "with q ≤ 0.05 (mean)"], rows)
        + "\n\n"
        + _false_leads(cities)
    )


def _honesty(measured: Measured) -> str:
    kinds = [(f"camouflage {level}", measured.ours(f"camouflage {level}")) for level in measured.levels]
    kinds.append((NO_RINGS, measured.ours(NO_RINGS)))
    rows = []
    for name, results in kinds:
        for row in honesty(results):
            rows.append(
                [
                    name,
                    row["worlds"],
                    number(row["nominal"], 2),
                    row["claimed"],
                    row["false"],
                    number(row["realised"], 3),
                ]
            )
    return (
        "Leads with a q-value at most the nominal rate, and how many of them are false. The rate realised is the mean "
        "over cities of false / claimed; without rings it is the share of cities that claim anything. A lead that is "
        "no chance but an innocent group counts as false here. Exact rules claim nothing.\n\n"
        + table(["cities", "number", "nominal", "claimed", "false", "realised"], rows)
    )


def _reliability(measured: Measured) -> str:
    parts = []
    for name in (*(f"camouflage {level}" for level in measured.levels),):
        found = reliability(measured.ours(name))
        parts.append([name, found["leads"], _of(found["ece"]), _of(found["brier"])])
    together = [result for level in measured.levels for result in measured.ours(f"camouflage {level}")]
    bins = [
        [f"{row['from']:.1f}–{row['to']:.1f}", row["leads"], number(row["mean_score"], 2), number(row["on_ring"], 2)]
        for row in reliability(together)["bins"]
    ]
    return (
        "Scores read as chances of being on a ring (a second lead on a ring is on a ring). The score orders the list "
        "and is not made to be a chance: this is how far it can be read as one.\n\n"
        + table(["cities", "leads", "calibration error", "Brier score"], parts)
        + "\n\nAll levels together:\n\n"
        + table(["score", "leads", "mean score", "on a ring"], bins)
    )


def _of(value: float | None) -> str:
    return "–" if value is None else number(value, 3)

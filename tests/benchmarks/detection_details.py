"""Parts of docs/detection.md about what stands behind the list: channels, disturbed records, weeks, limits."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from statistics import fmean
from typing import Any

from graphaudit.evaluation.matching import FAULT
from tests.benchmarks.figures import cities as cities_in_words
from tests.benchmarks.figures import mean, number, signed
from tests.benchmarks.markdown import table
from tests.benchmarks.measured_cities import Result
from tests.benchmarks.planted import ATTENDANCES, RINGS_A_CITY, SESSIONS, SIZES, SPREADS, TRACES

#: Figures of which changes are shown: heading, and where in a result the figure stands.
CHANGES = ("P@20", "recall", "average precision", "leads")

#: Persons of small rings, and of the others.
SMALL, LARGE = range(9), range(9, 1_000)


def _figures(result: Result) -> tuple[float, float, float, float]:
    return (
        result["at"]["20"]["precision"],
        result["ring_recall"] or 0.0,
        result["average_precision"] or 0.0,
        float(result["leads"]),
    )


def _change(before: Sequence[Result], after: Sequence[Result]) -> list[str]:
    """Mean change of each figure, city by city."""
    pairs = [(_figures(one), _figures(other)) for one, other in zip(before, after, strict=True)]
    return [
        signed(fmean(other[place] - one[place] for one, other in pairs), 1 if name == "leads" else 2)
        for place, name in enumerate(CHANGES)
    ]


def ablation_section(by_level: Mapping[int, list[dict[str, Result]]], everything: str) -> str:
    """How the list changes when one channel is taken out and the rest ranked anew."""
    levels = [level for level, cities in by_level.items() if cities]
    names = sorted({name for level in levels for city in by_level[level] for name in city} - {everything})
    rows = []
    for name in names:
        cells: list[object] = [name]
        for level in levels:
            cities = by_level[level]
            # a detector that found nothing in a city changes nothing there
            after = [city.get(name, city[everything]) for city in cities]
            cells += _change([city[everything] for city in cities], after)[:2]
        rows.append(cells)
    header = [f"{figure}, camouflage {level}" for level in levels for figure in ("P@20", "recall")]
    counted = ", ".join(f"{len(by_level[level])} of camouflage {level}" for level in levels)
    return (
        f"Change of P@20 and of ring recall when one channel is taken out of the findings and the rest is ranked anew; "
        f"0 where nothing changes. Cities: {counted}. What a detector needs to make a finding at all is not taken from "
        "it, so this is the weight of a channel in the list, and detectors stand in for each other.\n\n"
        + table(["", *header], rows)
    )


def disturbed_section(by_name: Mapping[str, list[dict[str, Any]]]) -> str:
    """How the list changes when the same city's records are worse."""
    rows = []
    for name, cities in by_name.items():
        for variant in sorted({city["variant"] for city in cities}):
            those = [city for city in cities if city["variant"] == variant]
            before, after = [city["before"] for city in those], [city["after"] for city in those]
            changes = _change(before, after)
            levels = [mean(_figures(result)[place] for result in after) for place in range(3)]
            shown = [f"{level} ({change})" for level, change in zip(levels, changes[:3], strict=True)]
            false = fmean(result["false"] for result in after) - fmean(result["false"] for result in before)
            rows.append([name, variant, len(those), *shown, signed(false, 1)])
    return (
        "The same cities with worse records, held against the same truth: the figure, and in brackets its change. Lost "
        "settlements take all their rows with them; a clock is off by one amount for all rows of a visit; a household "
        "that is unknown is unknown for all its members.\n\n"
        + table(["", "cities", "number", *CHANGES[:3], "false leads"], rows, text_columns=(0, 1))
    )


def weeks_section(cities: list[dict[str, Any]]) -> str:
    """How much of the list is still there a week later."""
    rows = []
    for variant in sorted({city["variant"] for city in cities}):
        those = [city for city in cities if city["variant"] == variant]
        rows.append(
            [
                variant,
                len(those),
                mean(city["rbo"] for city in those),
                mean(city["jaccard"] for city in those),
                mean((city["gone"] for city in those), 1),
                mean((city["new"] for city in those), 1),
                mean(city["before"]["at"]["20"]["precision"] for city in those),
                mean(city["now"]["at"]["20"]["precision"] for city in those),
            ]
        )
    header = ["cities", "number", "RBO", "Jaccard@20", "gone", "new", "P@20 a week before", "P@20"]
    return (
        "The same city as it was known a week before its last day, and at its end; the two builds know nothing of each "
        "other, and leads are the same when half of their persons are. RBO: rank-biased overlap, p = 0.9. Gone and new "
        "are leads of one top twenty that are nowhere in the other list.\n\n" + table(header, rows)
    )


def curve_section(rings: list[dict[str, Any]], cities: int) -> str:
    """Recall by each dial of planted rings, the others mixed; and by size and attendance together."""
    dials: tuple[tuple[str, str, Sequence[Any]], ...] = (
        ("persons", "size", SIZES),
        ("attendance", "attendance", ATTENDANCES),
        ("sessions", "sessions", SESSIONS),
        ("spread of a session", "spread", tuple(SPREADS)),
    )
    rows = []
    for title, name, values in dials:
        for value in values:
            rows.append([title, value, *(_found(rings, traces, {name: value}) for traces in TRACES)])
    rows.append(["all", "", *(_found(rings, traces, {}) for traces in TRACES)])
    crossed = [
        [
            f"{sessions} sessions, {attendance} attend",
            *(
                _found(rings, traces, {"sessions": sessions, "attendance": attendance}, sizes)
                for traces in TRACES
                for sizes in (SMALL, LARGE)
            ),
        ]
        for sessions in SESSIONS
        for attendance in ATTENDANCES
    ]
    return (
        f"{len(rings)} rings of gathered cards planted into {cities_in_words(cities)}, {RINGS_A_CITY} a city, each "
        "with a chosen number of persons, attendance, number of sessions in half a year and spread of a session; the "
        "other dials are mixed in each row. Plain traces are those of camouflage 1 (foreign goods, larger amounts, one "
        "operator, plastic card); faint traces leave three foreign purchases in ten and nothing else. Share of rings "
        "found anywhere in the list, and their number.\n\n"
        + table(["", "", *TRACES], rows, text_columns=(0, 1))
        + "\n\nSessions and attendance together, for rings of at most 8 persons and larger ones:\n\n"
        + table(["", *(f"{traces}, {size}" for traces in TRACES for size in ("≤ 8", "> 8"))], crossed)
    )


def _found(rings: list[dict[str, Any]], traces: str, cell: Mapping[str, Any], sizes: range = range(1_000)) -> str:
    those = [
        ring["found"]
        for ring in rings
        if ring["traces"] == traces
        and ring["size"] in sizes
        and all(ring[name] == value for name, value in cell.items())
    ]
    return f"{fmean(those):.2f} of {len(those)}" if those else "–"


def _over_faults(result: Result) -> int:
    return sum(count for name, count in result["false_by_class"].items() if name.startswith(FAULT))


def further_section(results: Sequence[tuple[str, Any]], ordinary: Mapping[str, list[Result]]) -> str:
    """Cities with one further difficulty beside ordinary ones of the same level."""
    kinds: dict[str, list[Result]] = dict(ordinary)
    for name, result in results:
        if isinstance(result, dict) and "held_out" in result:
            kinds.setdefault(name, []).append(result)
    if len(kinds) == len(ordinary):
        return ""
    rows = []
    for name, those in kinds.items():
        rows.append(
            [
                name,
                len(those),
                *(mean(result["at"][k]["precision"] for result in those) for k in ("10", "20")),
                mean(result["average_precision"] for result in those),
                mean(result["ring_recall"] for result in those),
                mean((float(result["false"]) for result in those), 1),
                mean((float(_over_faults(result)) for result in those), 1),
            ]
        )
    header = ["cities", "number", "P@10", "P@20", "average precision", "recall", "false leads", "over faults"]
    parts = [
        "Over faults: false leads that no honest group accounts for, and that name a site or person whose records are "
        "faulty.\n\n" + table(header, rows)
    ]
    held = [
        result["held_out"] for those in kinds.values() for result in those if result.get("held_out", {}).get("rings")
    ]
    if held:
        called: Counter[str] = Counter()
        for one in held:
            called.update(one["called"])
        names = ", ".join(f"{name} {count}" for name, count in sorted(called.items())) or "none"
        found, rings = sum(one["found"] for one in held), sum(one["rings"] for one in held)
        parts.append(
            f"Of the type of ring that nobody tuned on, {found} of {rings} rings in {cities_in_words(len(held))} were "
            f"found ({number(found / rings, 2)}); what the leads on them are called: {names}."
        )
    return "\n\n".join(parts)

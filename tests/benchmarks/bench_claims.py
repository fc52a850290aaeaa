"""Measure our provider scores on labelled claims that nobody here wrote, beside size alone and a dense block.

`python -m tests.benchmarks.bench_claims FOLDER` reads inpatient.parquet, beneficiary.parquet and labels.parquet
(columns Provider and PotentialFraud) in FOLDER, none of which belong to the project; writes docs/detection-claims.md.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import numpy as np

from api.pipeline import build
from detectors.admissions import STAYS
from detectors.groups import Gathering, read_sql
from graphaudit.builds.tables import open_tables
from graphaudit.settings import Settings
from loaders.claims import import_claims
from tests.benchmarks.dense_blocks import densest
from tests.benchmarks.machine import described
from tests.benchmarks.markdown import table
from tests.benchmarks.ranking_figures import (
    Labels,
    Numbers,
    auc,
    average_precision,
    beyond,
    precision_at,
    predicted,
    within_strata,
)
from tests.benchmarks.sampling import REPOSITORY

REPORT = REPOSITORY / "docs" / "detection-claims.md"
MEASURES = Path(__file__).with_name("provider_measures.sql")

#: Every threshold of the detectors that can run on such records at its loosest, to see what a threshold hides.
LOOSE: dict[str, dict[str, float | int]] = {
    "admission_groups": {"least_pair_llr": 0.5, "least_llr": 0.5, "least_units": 2, "least_days": 1},
    "paper_stays": {"least_score": 0.5, "least_units": 1, "least_log_p": 0.1},
    "card_in_two_places": {"least_n": 1, "least_llr": 0.1, "least_days": 1},
    "clashes_at_one_site": {
        "least_n": 1, "least_llr": 0.1, "least_site_llr": 0.1, "least_persons": 1, "least_households": 1,
    },
}  # fmt: skip

#: What each measure of provider_measures.sql is, and which detector looks at it.
TOLD = {
    "stays_a_person": ("stays a person", "`frequent_stays`, where the illness changes with the stay"),
    "days_a_stay": ("days a stay", "none: `paper_stays` needs fee lines with dates, beds or visits elsewhere"),
    "readmitted": ("readmitted there within 30 days", "`split_stays`, within a week and of related disease"),
    "readmitted_same_disease": ("… with the same main disease", "`split_stays`, within a week"),
    "above_group": (
        "log amount above the usual of the diagnosis group",
        "none: `odd_visits` compares visits, not stays",
    ),
    "cloned_bills": (
        "main diagnosis and procedures the same as another patient's",
        "`paper_stays`, from six different items on: a claim codes six procedures at most",
    ),
    "overlapping": ("stays that overlap another of the person", "`card_in_two_places`, `clashes_at_one_site`"),
    "shared_physicians": ("stays whose physician attends elsewhere too", "none"),
    "stays_a_physician": ("stays an attending physician", "none: a capacity needs a day's visits"),
    "co_occurring": ("patients who share two providers with another patient", "`admission_groups`, by days only"),
    "stays": ("stays", "size"),
}


@dataclass(frozen=True)
class Asked:
    """What one build said: findings by detector, leads, and each provider's score of leads and of findings."""

    findings: Mapping[str, int]
    switched_off: list[str]
    leads: int
    by_leads: Mapping[str, float]
    by_findings: Mapping[str, float]


def ask(source: Path, data: Path, **settings: Any) -> tuple[Asked, Path]:
    """Build `source` and score the providers; also the folder of the build."""
    built = build(source, Settings(data=data, **settings))
    findings = json.loads((built.folder / "findings.json").read_text(encoding="utf-8"))
    leads = json.loads((built.folder / "leads.json").read_text(encoding="utf-8"))
    off = [entry["detector"] for entry in built.report["switched_off"]]
    with open_tables(built.folder) as tables:
        rows = tables.execute(
            "SELECT settlement_no, settlement_id, site_id FROM settlements JOIN sites USING (site_no)"
        ).fetchall()
    by_number = {number: site for number, _, site in rows}
    by_id = {name: site for _, name, site in rows}
    counts: dict[str, int] = defaultdict(int)
    for finding in findings:
        counts[finding["detector"]] += 1
    asked = Asked(dict(counts), off, len(leads), scores_of_leads(leads, by_id), evidence(findings, by_number))
    return asked, built.folder


def scores_of_leads(leads: Iterable[Mapping[str, Any]], site_of: Mapping[str, str]) -> dict[str, float]:
    """Best score of a lead that names the provider or holds one of its settlements."""
    best: dict[str, float] = {}
    for lead in leads:
        named = {member["id"] for member in lead["members"] if member["type"] == "institution"}
        named |= {site_of[settlement] for entry in lead["evidence"] for settlement in entry["settlements"]}
        for provider in named:
            best[provider] = max(best.get(provider, 0.0), float(lead["score"]))
    return best


def evidence(findings: Iterable[Mapping[str, Any]], site_of: Mapping[int, str]) -> dict[str, float]:
    """Residual evidence of the findings, each shared out over the providers by its settlements."""
    total: dict[str, float] = defaultdict(float)
    for finding in findings:
        explained = max((cause["weight"] for cause in finding["benign"]), default=0.0)
        left = sum(signal["value"] * signal["weight"] for signal in finding["signals"]) * (1 - explained) ** 2
        for settlement in finding["settlements"]:
            total[site_of[settlement]] += left / len(finding["settlements"])
    return dict(total)


def _figures(name: str, score: Numbers, label: Labels, size: Numbers) -> list[str]:
    ranked, precise, _ = within_strata(score, label, size)
    weight, p = beyond(score, label, size)
    return [
        name, f"{average_precision(score, label):.3f}", f"{auc(score, label):.3f}",
        f"{precision_at(score, label, 50):.2f}", f"{precision_at(score, label, 100):.2f}",
        f"{ranked:.3f}", f"{precise:.3f}", f"{weight:+.2f}", f"{p:.1g}",
    ]  # fmt: skip


def _without_top(row: list[str]) -> list[str]:
    """A row of figures without those at 50 and 100."""
    return [*row[:3], *row[5:]]


def page(claims: Path, work: Path) -> str:
    """The whole page, as Markdown."""
    source = work / "source"
    imported = import_claims(claims, source)
    asked, folder = ask(source, work / "strict")
    loose, _ = ask(source, work / "loose", detectors=LOOSE, least_score=0.0)
    with open_tables(folder) as tables:
        measured = tables.execute(MEASURES.read_text(encoding="utf-8")).df()
        ties = tables.execute("SELECT DISTINCT person_no, site_no FROM visited ORDER BY ALL").fetchnumpy()
        block = set(densest(np.column_stack([ties["person_no"], ties["site_no"]]).astype(np.int64))[1].tolist())
        sites = dict(tables.execute("SELECT site_id, site_no FROM sites").fetchall())
        overlaps = tables.execute('SELECT kind, count(*) FROM "overlaps" GROUP BY kind ORDER BY kind').fetchall()
        with Gathering.of(tables, STAYS):
            pairs = len(tables.execute(read_sql("stay_pairs")).fetchall())
    answers = duckdb.execute(
        "SELECT Provider, PotentialFraud = 1 FROM read_parquet($path)", {"path": str(claims / "labels.parquet")}
    ).fetchall()
    known = dict(answers)
    providers: list[str] = measured["site_id"].tolist()
    label = np.array([bool(known.get(provider, False)) for provider in providers])
    size = measured["amount"].to_numpy(float)
    inside = np.array([sites[provider] in block for provider in providers])

    def column(scores: Mapping[str, float]) -> Numbers:
        return np.array([scores.get(provider, 0.0) for provider in providers])

    ours = {
        "leads, best score": column(asked.by_leads),
        "findings, residual evidence": column(asked.by_findings),
        "findings, every threshold at its loosest": column(loose.by_findings),
    }
    header = ["score", "AP", "AUC", "P@50", "P@100", "AUC at equal amount", "AP at equal amount", "beyond amount", "p"]
    rows = [[*_figures("sum of amounts", size, label, size)[:7], "–", "–"]]
    rows += [_figures(name, score, label, size) for name, score in ours.items()]
    # a prediction from the amount itself: what it adds to the amount is what its score adds, told above
    rows += [
        [*_figures(f"amount and {name}", predicted([np.log(size), score], label), label, size)[:7], "–", "–"]
        for name, score in list(ours.items())[1:]
    ]
    share = within_strata(size, label, size)[2]
    structure = predicted([np.log(size), *(measured[name].to_numpy(float) for name in TOLD)], label)
    measures = [
        _without_top([*_figures(about, measured[name].to_numpy(float), label, size), seen])
        for name, (about, seen) in TOLD.items()
    ]
    taught = _figures("all of these and amount, taught with the labels", structure, label, size)
    measures.append(_without_top([*taught[:7], "–", "–", "–"]))
    parts = [
        "# Detection on labelled provider claims",
        "Written by `python -m tests.benchmarks.bench_claims FOLDER` on public US inpatient claims that are no part of "
        f"the project: {imported.read['inpatient']:,} claims of {len(providers):,} providers, {int(label.sum())} of "
        f"them labelled (who labelled, and how, is not documented). {described()}",
        "The records name person, provider, physicians, days, diagnoses and amounts; no card, pharmacy, operator, "
        "terminal, price of a line or minute of the day, and the label is a provider's, not a ring's. Detectors look "
        f"for groups of persons, so most have nothing to look at: {len(asked.switched_off)} are switched off, findings "
        f"are {_counted(asked.findings)}, and {asked.leads} leads come out. A provider in none of them scores 0.",
        "## Scores against the labels",
        table(header, rows),
        "*At equal amount*: inside tenths of the summed amount, where a score without merit has AUC 0.5 and AP "
        f"{share:.3f}. *Beyond amount*: log odds that a standard deviation of the score adds to a logistic regression "
        "on the logarithm of the amount and its square, with the p of the likelihood ratio. Rows with *and* are "
        "predictions of such a regression for providers that it had not seen. Equal scores share their places.",
        _block(inside, label, size, ours["findings, residual evidence"]),
        "**What this says.** " + _verdict(rows, ours, label, size, structure),
        "## What the structure holds, and who looks at it",
        table(
            ["measure a provider", "AP", "AUC", *header[5:], "detector that looks at it"], measures, text_columns=(0, 7)
        ),
        "## Why detectors that can run say little",
        _why(asked, loose, overlaps, pairs),
    ]
    return "\n\n".join(parts) + "\n"


def _counted(findings: Mapping[str, int]) -> str:
    return ", ".join(f"`{name}` {number}" for name, number in sorted(findings.items())) or "none"


def _block(inside: Labels, label: Labels, size: Numbers, findings: Numbers) -> str:
    depth, by_size, touched = int(inside.sum()), precision_at(size, label, int(inside.sum())), findings > 0
    return (
        f"The densest block of persons and providers (FRAUDAR) holds {depth:,} providers with precision "
        f"{label[inside].mean():.3f} at recall {label[inside].sum() / label.sum():.3f}; the {depth:,} largest amounts "
        f"have precision {by_size:.3f} at recall {by_size * depth / label.sum():.3f}. Our findings touch "
        f"{int(touched.sum())} providers, {int(label[touched].sum())} of them labelled: too few to compare."
    )


def _verdict(
    rows: list[list[str]], ours: Mapping[str, Numbers], label: Labels, size: Numbers, structure: Numbers
) -> str:
    amount = average_precision(size, label)
    best = max(average_precision(score, label) for score in ours.values())
    lifts = "; ".join(f"{row[0]} {float(row[1]) - amount:+.3f}" for row in rows[1:])
    meaning = (
        "Amount alone orders these labels better than anything the portfolio says, and nothing that it says adds to it"
        if best < amount
        else "The portfolio's scores order these labels better than amount alone"
    )
    ceiling = average_precision(structure, label) - amount
    return (
        f"Average precision against that of amount alone ({amount:.3f}): {lifts}. {meaning}. A regression taught with "
        f"the labels on every structural measure below gains {ceiling:+.3f}: little but size carries these labels."
    )


def _why(asked: Asked, loose: Asked, overlaps: list[tuple[str, int]], pairs: int) -> str:
    kinds = ", ".join(f"{number} of kind `{kind}`" for kind, number in overlaps) or "none"
    silent = ", ".join(f"`{name}`" for name in sorted(set(LOOSE) - set(asked.findings))) or "none"
    return "\n".join(
        [
            f"- With every threshold at its loosest the findings are {_counted(loose.findings)}. Silent at their own "
            f"thresholds, though they can run: {silent}.",
            f"- Overlaps are {kinds}: mostly stays of one person that share a day. They are few, spread as thin as the "
            "stays, and grow with size; at equal amount they say nothing about the label.",
            "- `admission_groups` asks for households admitted and discharged together more than once. The claims are "
            f"a sample of a nation's: pairs of persons with two common stays number {pairs}.",
            "- `co_presence_groups`, `odd_visit_groups`, `care_streams`, `sampled_drugs` and `doctor_fills` read "
            "visits and purchases; there are only stays.",
            "- `paper_stays` has no bed, no dates of lines and hardly a visit elsewhere, and asks for bills of six "
            "different items; a claim codes six procedures at most and mostly none.",
            "- A claim's second to tenth diagnoses have no place in the canonical tables and are not looked at.",
        ]
    )


def main() -> None:
    """Measure the folder asked for and write the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("claims", type=Path, help="folder with inpatient, beneficiary and labels as Parquet")
    parser.add_argument("--output", type=Path, default=REPORT)
    chosen = parser.parse_args()
    scratch = REPOSITORY / ".bench"
    scratch.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=scratch) as work:
        text = page(chosen.claims, Path(work))
    chosen.output.write_text(text, encoding="utf-8")
    print(text)


if __name__ == "__main__":
    main()

"""The methods that stand beside ours, run on the source tables of a city; their figures are kept until they change."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from types import ModuleType
from typing import Any

from graphaudit.evaluation import evaluate
from tests.benchmarks import (
    baseline_pandas,
    dense_blocks,
    household_rule,
    simple_leads,
    simple_rules,
    source_tables,
    threshold_rules,
)
from tests.benchmarks.worlds import World

LOUVAIN = "met five times + Louvain"
PUBLISHED = "5 minutes, 5 times, 3 persons"
HOUSEHOLDS = "households apart, CPM, 4 sessions"
BLOCKS = "FRAUDAR"
THRESHOLDS = "a threshold rule for each pattern"
SIMPLE = (LOUVAIN, PUBLISHED, HOUSEHOLDS, BLOCKS, THRESHOLDS)

MODULES = (baseline_pandas, dense_blocks, household_rule, simple_leads, simple_rules, source_tables, threshold_rules)


def fingerprint(*modules: ModuleType) -> str:
    """A short name of the text of `modules`: what they made is kept under it."""
    digest = hashlib.sha256()
    for module in modules:
        assert module.__file__ is not None
        digest.update(Path(module.__file__).read_bytes())
    return digest.hexdigest()[:8]


def simple_results(city: World, kept: Path) -> dict[str, dict[str, Any]]:
    """Figures of every simple method on one city, run unless `kept` has them of these very methods."""
    written = kept / f"simple-{fingerprint(*MODULES)}" / city.folder.parent.name / f"{city.folder.name}.json"
    if not written.exists():
        together = simple_rules.rule_leads(city.folder)
        leads = {
            LOUVAIN: simple_rules.louvain_leads(city.folder),
            PUBLISHED: together,
            HOUSEHOLDS: household_rule.leads(city.folder),
            BLOCKS: dense_blocks.leads(city.folder),
            THRESHOLDS: threshold_rules.leads(city.folder, together),
        }
        truth = city.truth
        found = {name: evaluate(leads[name], truth) for name in SIMPLE}
        written.parent.mkdir(parents=True, exist_ok=True)
        written.write_text(json.dumps(found), encoding="utf-8")
    known: dict[str, dict[str, Any]] = json.loads(written.read_text(encoding="utf-8"))
    return known

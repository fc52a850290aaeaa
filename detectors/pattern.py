"""A pattern detector: one Cypher file is the question, this module turns its rows into findings.

The query returns ids only. Every count in a finding is computed from the tables over those ids, so that it means the
same on every graph store and can be recomputed by whoever checks the lead.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping

from detectors import pattern_measures, pattern_rows
from detectors.base import DetectorSpec, Value
from detectors.pattern_measures import Measured
from detectors.pattern_rows import Candidate
from graphaudit.builds.view import BuildView
from graphaudit.cypher_text import parameters_of
from graphaudit.findings import Finding, Signal, Text
from graphaudit.queries import QuerySpec
from graphaudit.query_spec import COUNTED, Keep

#: What a measure counts, in both languages, for the sentence beside a signal.
COUNTED_NAMES: dict[str, Text] = {
    "settlements": Text("{n}笔结算", "{n} settlements"),
    "persons": Text("{n}名参保人", "{n} insured persons"),
    "households": Text("{n}个家庭", "{n} households"),
    "days": Text("{n}个日期", "{n} dates"),
    "span_days": Text("前后{n}天", "{n} days from first to last"),
    "cards": Text("{n}个凭证", "{n} credentials"),
    "sites": Text("{n}个机构", "{n} sites"),
    "bank_accounts": Text("{n}个收款账户", "{n} payee accounts"),
    "phones": Text("{n}个联系电话", "{n} contact phones"),
    "invoices": Text("{n}个共用的票据号", "{n} invoice numbers presented for several persons"),
    "key_kinds": Text("{n}类共用标识（账户、电话、票据）", "{n} kinds of shared keys (accounts, phones, invoices)"),
    "key_rarity": Text(
        "各共用标识在全市同类标识中的罕见程度合计{n}奈特",
        "{n} nats by which shared keys are rare among all of their kind",
    ),
    "households_beyond_a_key": Text(
        "{n}个家庭不在其中任何单一标识之下", "{n} households beyond those of the key that joins most"
    ),
}
_TESTED_TEXT = Text(
    "超出机构业务量与个人习惯预期的对数似然比合计{n}", "log-likelihood ratio of {n} beyond volume and habit"
)


class PatternDetector:
    """Runs one query of cypher/patterns and measures what it returns."""

    def __init__(self, query: QuerySpec) -> None:
        self.query = query
        self.spec = _specification(query)

    def find(self, build: BuildView, params: Mapping[str, Value]) -> Iterable[Finding]:
        """See Detector."""
        query = self.query
        asked = {name: params[name] for name in parameters_of(query.body)}
        candidates = pattern_rows.candidates(build, query, build.graph.run(query.body, asked))
        if not candidates:
            return
        tested = tuple(grows.measure for grows in query.signals if grows.measure not in COUNTED)
        measured = pattern_measures.measure(
            build.tables, candidates, tested=tested, weighs=query.weighs, keys=query.counts_keys
        )
        for candidate, found in zip(candidates, measured, strict=True):
            if all(_holds(rule, found, params) for rule in query.keep):
                yield self._finding(candidate, found)

    def _finding(self, candidate: Candidate, found: Measured) -> Finding:
        query = self.query
        signals = []
        for grows in query.signals:
            number = found.counts[grows.measure] if grows.measure in COUNTED else found.tested[grows.measure]
            text = COUNTED_NAMES.get(grows.measure, _TESTED_TEXT)
            shown = f"{number:.0f}"
            signals.append(
                Signal(
                    f"{query.id}.{grows.measure.lower()}",
                    math.log2(max(number, 1.0)),
                    grows.weight,
                    Text(text.zh.format(n=shown), text.en.format(n=shown)),
                )
            )
        return Finding(
            detector=query.id,
            pattern=query.pattern,
            kind=query.kind,
            members=candidate.members,
            settlements=candidate.settlements,
            signals=tuple(signals),
            text=_said(query.text, found),
            benign=found.benign,
            would_clear=query.clears,
            legal_basis=query.legal,
            values={name: n for name, n in {**found.counts, "other_persons": found.other_persons}.items() if n},
        )


def _said(text: Text, found: Measured) -> Text:
    """The sentence of a finding; where it names persons, those of its settlements whom it does not name are told too."""
    said = Text(text.zh.format(**found.counts), text.en.format(**found.counts))
    return said.and_of_others(found.other_persons) if found.counts["persons"] else said


def _holds(rule: Keep, found: Measured, params: Mapping[str, Value]) -> bool:
    value, bound = found.counts[rule.value], float(params[rule.param])
    return value >= bound if rule.sign == ">=" else value <= bound


def _specification(query: QuerySpec) -> DetectorSpec:
    return DetectorSpec(
        id=query.id,
        version=query.version,
        pattern=query.pattern,
        kind=query.kind,
        title=query.title,
        question=query.question,
        status=query.status,
        params=query.params,
        needs=query.needs,
        needs_engine=query.needs_engine,
        benign=query.benign,
        misses=query.misses,
        legal_basis=query.legal,
        references=query.references,
    )

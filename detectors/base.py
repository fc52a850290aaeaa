"""What a detector is: a specification that documents it, and `find`, which turns one build into findings."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Protocol

from graphaudit.builds.view import BuildView
from graphaudit.errors import ConfigurationError
from graphaudit.findings import CHANNELS, PATTERNS, Channel, Finding, Text
from graphaudit.query_spec import Param, Value, effective

__all__ = ["Detector", "DetectorSpec", "Param", "Skipped", "Value", "effective", "skip_reason"]

STATUSES = ("draft", "trial", "stable", "retired")


@dataclass(frozen=True, slots=True)
class DetectorSpec:
    """What a detector looks for, on what grounds, and what it cannot see; the catalogue page is made from it.

    `needs` names the canonical coverage without which it is skipped: `table` or `table.column`, alternatives
    joined by `|`. `needs_graph` names the relationship types it reads, `needs_engine` features of the store.
    `null_model` says against what chance is tested; it is None for an exact rule. `channel` says in which quota of the
    list its findings stand: `tested` ones compete for the list, the others have a few places below it.
    """

    id: str
    version: int
    pattern: str
    kind: str
    title: Text
    question: Text
    status: str
    params: tuple[Param, ...] = ()
    needs: tuple[str, ...] = ()
    needs_graph: tuple[str, ...] = ()
    needs_engine: tuple[str, ...] = ()
    null_model: Text | None = None
    benign: tuple[Text, ...] = ()
    misses: tuple[Text, ...] = ()
    legal_basis: tuple[str, ...] = ()
    references: tuple[str, ...] = ()
    channel: Channel = "tested"

    def __post_init__(self) -> None:
        if self.pattern not in PATTERNS:
            raise ConfigurationError(f"detector {self.id}: unknown pattern {self.pattern}")
        if self.status not in STATUSES:
            raise ConfigurationError(f"detector {self.id}: unknown status {self.status}")
        if self.channel not in CHANNELS:
            raise ConfigurationError(f"detector {self.id}: unknown channel {self.channel}")
        if not self.misses:
            raise ConfigurationError(f"detector {self.id}: what it misses must be said")


class Detector(Protocol):
    """Finds groups of one kind in a build."""

    @property
    def spec(self) -> DetectorSpec:
        """What it looks for and what it needs."""

    def find(self, build: BuildView, params: Mapping[str, Value]) -> Iterable[Finding]:
        """Findings in `build`, in an order that does not depend on the order of its rows.

        `params` holds every parameter of the specification. Raises Skipped when the build cannot answer.
        """


class Skipped(Exception):
    """The detector cannot run on this build; `reason` is shown wherever its findings would be."""

    def __init__(self, reason: Text) -> None:
        super().__init__(reason.en)
        self.reason = reason


def skip_reason(spec: DetectorSpec, build: BuildView) -> Text | None:
    """Why `spec` cannot run on `build`: what the source did not deliver, or what the store cannot do."""
    for need in spec.needs:
        alternatives = need.split("|")
        if not any(name in build.coverage for name in alternatives):
            return Text(
                f"数据中缺少 {'、'.join(alternatives)}", f"the source does not deliver {' or '.join(alternatives)}"
            )
    missing = sorted(set(spec.needs_engine) - build.graph.capabilities)
    if missing:
        return Text(f"图数据库不支持 {missing[0]}", f"the graph store cannot do {missing[0]}")
    return None

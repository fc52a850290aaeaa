"""What goes over the wire: query parameters (unknown ones refused) and answers that follow the lead contract."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from graphaudit.findings import PATTERNS, MemberKind
from graphaudit.registry import BUILD_ID, LEAD_ID

Status = Literal["new", "in_review", "confirmed", "cleared"]


def _known_pattern(value: str) -> str:
    if value not in PATTERNS:
        raise ValueError(f"is one of {', '.join(PATTERNS)}")
    return value


def _printable(value: str) -> str:
    if not value.isprintable() or len(value.strip()) < 5:
        raise ValueError("is a sentence of at least five printable characters")
    return value.strip()


BuildId = Annotated[str, Field(pattern=f"^{BUILD_ID.pattern}$", max_length=64)]
LeadId = Annotated[str, Field(pattern=f"^{LEAD_ID.pattern}$", max_length=64)]
GraphId = Annotated[str, Field(pattern=r"^[0-9A-Za-z][0-9A-Za-z._:-]{0,127}$")]
Share = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]
Reason = Annotated[str, Field(max_length=500), AfterValidator(_printable)]


# ---- parameters ----------------------------------------------------------------------------------------


class _Query(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class NoQuery(_Query):
    """An address without parameters."""


class RevealQuery(_Query):
    """Parameters of every answer that may show source ids."""

    reveal: bool = Field(False, description="Show source ids instead of pseudonyms; needs pii:read and a reason.")
    reason: Reason | None = Field(
        None, description="Why source ids are needed; kept in the audit log. Better sent as X-Reveal-Reason."
    )


class LeadQuery(RevealQuery):
    """Parameters of one lead."""

    build_id: BuildId | None = Field(None, description="Build to read; default the active one.")


class LeadListQuery(LeadQuery):
    """Parameters of the ranked list."""

    pattern: Annotated[str, AfterValidator(_known_pattern)] | None = Field(
        None, description="Only leads of this pattern.", json_schema_extra={"enum": list(PATTERNS)}
    )
    status: Status | None = Field(None, description="Only leads in this status.")
    min_score: Share | None = Field(None, description="Only leads with at least this score.")
    q_max: Share | None = Field(
        None, description="Only leads with at most this q_value; leads of exact rules, which have none, stay."
    )
    site: GraphId | None = Field(None, description="Only leads with this institution or pharmacy as a member.")
    person: GraphId | None = Field(
        None, description="Only leads with this person (id as the graph shows it); needs pii:read and a reason."
    )
    sort: Literal["rank", "priority"] = Field("rank", description="By strength of evidence, or by money per hour.")
    limit: int = Field(50, ge=1, le=200, description="Leads per page.")
    cursor: Annotated[str, Field(pattern=r"^[0-9A-Za-z_-]+\.[0-9A-Za-z_-]+$", max_length=512)] | None = Field(
        None, description="`next` of the page before; the other parameters stay as they were, limit may change."
    )


class BuildListQuery(_Query):
    """Parameters of the list of builds."""

    limit: int = Field(50, ge=1, le=200, description="Builds to list, newest first.")


# ---- answers -------------------------------------------------------------------------------------------


class _Answer(BaseModel):
    model_config = ConfigDict(extra="forbid", serialize_by_alias=True)


class TextOut(_Answer):
    """One sentence in both languages."""

    zh: str
    en: str


class MemberOut(_Answer):
    """Somebody or something that a check would be opened on."""

    type: MemberKind
    id: str = Field(description="Pseudonym of whatever is personal; the source's own id after a reveal.")
    role: str
    strength: float


class AmountOut(_Answer):
    """Money at stake, in yuan."""

    fund: float
    account: float
    total: float


class PeriodOut(_Answer):
    """First and last day of the settlements listed."""

    from_: date = Field(alias="from")
    to: date


class SignalOut(_Answer):
    """One measured reason of one detector."""

    signal: str
    value: float
    weight: float
    text: TextOut


class EvidenceOut(_Answer):
    """What one detector found: every number can be recomputed from the settlements."""

    kind: str
    detector: str
    settlements: list[str]
    text: TextOut
    values: dict[str, str | int | float | bool | None]
    signals: list[SignalOut] = Field(default=[], description="What the detector measured.")


class BenignOut(_Answer):
    """An innocent explanation that was weighed."""

    cause: str
    weight: float
    text: TextOut


class ContributionOut(_Answer):
    """One summand of the score."""

    signal: str
    value: float
    weight: float


class LinksOut(_Answer):
    """Where else the lead can be looked at."""

    browser: str = Field(description="Opens the lead in Neo4j Browser, with a query waiting in the editor.")


class LeadSummary(_Answer):
    """A lead in a list: everything but the evidence behind it."""

    rank: int
    id: str
    build_id: str
    score: float = Field(description="Strength of the evidence, from 0 to 1; not a probability of guilt.")
    q_value: float | None = Field(
        description="Share of chance findings and honest groups expected up to here; null for exact rules."
    )
    pattern: str
    title: TextOut
    members: list[MemberOut]
    amount: AmountOut
    priority: float = Field(description="Expected money, in yuan, per hour of an investigator.")
    period: PeriodOut
    status: Status
    links: LinksOut | None = Field(
        None,
        exclude_if=lambda links: links is None,
        description="Absent where the lead's build is not the one that a Neo4j shows.",
    )


class LeadOut(LeadSummary):
    """A lead in full."""

    evidence: list[EvidenceOut]
    benign_explanations: list[BenignOut]
    would_clear: TextOut | None = Field(description="What would clear the lead.")
    legal_basis: list[str]
    contributions: list[ContributionOut]


class LeadPage(_Answer):
    """One page of a ranked list; all pages of a sequence belong to `build_id`."""

    build_id: str
    data: list[LeadSummary]
    count: int = Field(description="Leads that match, over all pages.")
    next: str | None = Field(description="Cursor of the next page; null on the last.")


class BuildOut(_Answer):
    """One build of the graph."""

    id: str
    state: Literal["staged", "published", "superseded", "failed"]
    created_at: datetime
    published_at: datetime | None
    source_fingerprint: str
    counts: dict[str, Any]
    code_version: str
    seed: int
    note: str


class BuildPage(_Answer):
    """Builds, newest first."""

    data: list[BuildOut]
    count: int = Field(description="Builds on record.")


class Health(_Answer):
    """The service answers."""

    status: Literal["alive", "ready"]


class ParameterError(_Answer):
    """What is wrong with one parameter; its value is not repeated."""

    parameter: str
    message: str


class ProblemOut(_Answer):
    """An error as RFC 9457 has it."""

    type: str
    title: str
    status: int
    detail: str
    request_id: str
    next_step: str | None = None
    errors: list[ParameterError] | None = None

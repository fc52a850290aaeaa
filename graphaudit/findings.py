"""What a detector yields: a finding about people and settlements, with signals and innocent causes weighed."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

MemberKind = Literal[
    "person", "card", "doctor", "institution", "pharmacy", "handler", "terminal", "phone", "bank_account",
    "household", "employer", "agent",
]  # fmt: skip

#: What a lead may be about. `unexplained` is for groups that depart from chance without a named pattern.
PATTERNS: tuple[str, ...] = (
    "hoarded_cards", "impersonation", "inducement", "insider", "drug_resale", "proxy_settlement", "sham_stay",
    "doctor_pharmacy", "unexplained",
)  # fmt: skip

#: How a finding comes to stand in the list: `tested` ones compete for it; what the channel for the unforeseen finds and
#: what is merely worth exploring have a few places of their own below it.
Channel = Literal["tested", "unforeseen", "exploration"]
CHANNELS: tuple[Channel, ...] = ("tested", "unforeseen", "exploration")


@dataclass(frozen=True, slots=True)
class Text:
    """One sentence in both languages of the product."""

    zh: str
    en: str

    def and_of_others(self, persons: int) -> Text:
        """With a sentence that the settlements are also of so many `persons` who are not named; 0 adds nothing."""
        if not persons:
            return self
        whom = "1 person who is" if persons == 1 else f"{persons} persons who are"
        return Text(
            f"{self.zh}所列结算另涉及{persons}名未列名的参保人。",
            f"{self.en} The settlements are also of {whom} not named here.",
        )


@dataclass(frozen=True, slots=True, order=True)
class Member:
    """Somebody or something a lead is about: `no` is the number in the canonical table of `kind`.

    Only those a check would be opened on are members; `strength` in [0, 1] says how firmly each belongs.
    """

    kind: MemberKind
    no: int
    role: str
    strength: float = 1.0


@dataclass(frozen=True, slots=True)
class Signal:
    """One measured reason. Evidence grows with `value` × `weight`; `detail` says what was measured."""

    name: str
    value: float
    weight: float
    detail: Text


@dataclass(frozen=True, slots=True)
class BenignCause:
    """An innocent explanation that competed: `weight` in [0, 1] is the share of the evidence it explains."""

    cause: str
    weight: float
    text: Text


@dataclass(frozen=True, slots=True)
class Finding:
    """One detector's statement about one group.

    `settlements` are settlement numbers, sorted; every number in the text can be recomputed from them.
    `p_value` is None for an exact rule. `kind` names the sort of evidence (`co_swipe_session`, `shared_account`, …).
    """

    detector: str
    pattern: str
    kind: str
    members: tuple[Member, ...]
    settlements: tuple[int, ...]
    signals: tuple[Signal, ...]
    text: Text
    p_value: float | None = None
    benign: tuple[BenignCause, ...] = ()
    would_clear: Text | None = None
    legal_basis: tuple[str, ...] = ()
    values: dict[str, float | int | str] = field(default_factory=dict)
    channel: Channel = "tested"

    @property
    def persons(self) -> frozenset[int]:
        """Numbers of the persons it names."""
        return frozenset(member.no for member in self.members if member.kind == "person")

    @property
    def evidence(self) -> float:
        """Sum of value × weight over the signals."""
        return sum(signal.value * signal.weight for signal in self.signals)

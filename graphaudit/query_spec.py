"""What a pattern query says about itself: parameters, roles, signals, wording, and what it needs."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from string import Formatter

from graphaudit.errors import ConfigurationError
from graphaudit.findings import MemberKind, Text

Value = int | float | str | bool


#: What an alias of a query may name: `[prefix_]<stem>_id` or `…_ids`; `site` is an institution or a pharmacy.
STEMS: tuple[str, ...] = (
    "person", "card", "doctor", "institution", "pharmacy", "site", "handler", "terminal", "phone", "bank_account",
    "household", "employer", "agent", "settlement",
)  # fmt: skip

#: Evidence that grows: counted from the tables over the ids returned, or summed over a tested relationship.
COUNTED = (
    "settlements", "persons", "households", "days", "span_days", "cards", "sites", "bank_accounts", "phones",
    "invoices", "key_kinds", "key_rarity", "households_beyond_a_key",
)  # fmt: skip
TESTED = ("CLASHES_AT", "FILLED_AT", "SERVES", "CO_PRESENT")

#: Those of them that are about keys shared between households: they take a look at every key of the city.
OF_KEYS = frozenset({"invoices", "key_kinds", "key_rarity", "households_beyond_a_key"})

#: Kinds of member whose being shared may make one finding of several rows.
JOINING = ("person",)

#: Innocent causes that a query may ask to be weighed against what the registers say about the persons returned.
REGISTERED = ("household", "shared_address", "employer", "agent")
#: … and those that the settlements returned show: their places, what was bought, and the desks that they passed.
WEIGHED = (*REGISTERED, "next_door", "ordinary_fills", "passed_desks", "many_houses")


@dataclass(frozen=True, slots=True)
class Param:
    """One parameter of a detector: its type is that of `default`; `reason` says why the default is what it is."""

    name: str
    default: Value
    reason: str

    def checked(self, value: Value) -> Value:
        """`value` when it has this parameter's type (an int may stand for a float); ConfigurationError otherwise."""
        if isinstance(self.default, float) and isinstance(value, int) and not isinstance(value, bool):
            return float(value)
        if type(value) is not type(self.default):
            raise ConfigurationError(f"parameter {self.name} takes {type(self.default).__name__}, not {value!r}")
        return value


@dataclass(frozen=True, slots=True)
class Returned:
    """One alias of the final RETURN: what its ids name, and the role they have in a finding."""

    alias: str
    role: str

    @property
    def stem(self) -> str:
        """The kind of thing behind the ids: one of STEMS."""
        name = re.sub(r"_ids?$", "", self.alias)
        return max((s for s in STEMS if name == s or name.endswith(f"_{s}")), key=len, default="")

    @property
    def is_list(self) -> bool:
        return self.alias.endswith("_ids")


@dataclass(frozen=True, slots=True)
class Keep:
    """A finding is kept when the value computed for it stands in this relation to a parameter."""

    value: str
    sign: str
    param: str
    reason: str


@dataclass(frozen=True, slots=True)
class Grows:
    """One signal: nats of evidence for every doubling of `measure`, and why so many."""

    measure: str
    weight: float
    reason: str


@dataclass(frozen=True, slots=True)
class QuerySpec:
    """A pattern query with everything its header says; `body` is run unchanged.

    Rows that share a member of a kind in `joins` become one finding, with the members and settlements of all.
    """

    id: str
    version: int
    pattern: str
    kind: str
    title: Text
    status: str
    question: Text
    params: tuple[Param, ...]
    returns: tuple[Returned, ...]
    joins: tuple[str, ...]
    keep: tuple[Keep, ...]
    signals: tuple[Grows, ...]
    text: Text
    clears: Text
    weighs: tuple[str, ...]
    benign: tuple[Text, ...]
    misses: tuple[Text, ...]
    legal: tuple[str, ...]
    references: tuple[str, ...]
    needs: tuple[str, ...]
    needs_engine: tuple[str, ...]
    body: str

    @property
    def counts_keys(self) -> bool:
        """Whether its rules, signals or wording speak of keys shared between households."""
        worded = {name for text in (self.text.zh, self.text.en) for _, name, _, _ in Formatter().parse(text)}
        asked = {rule.value for rule in self.keep} | {grows.measure for grows in self.signals} | worded
        return not OF_KEYS.isdisjoint(asked)


@dataclass(frozen=True, slots=True)
class ViewSpec:
    """A question that an investigator asks in a graph browser; `body` is run unchanged, on the engine it names.

    `place` orders the views of one folder; `about` says whose id its parameter is; `pattern` is one of PATTERNS, or
    `any`; `shows` is `picture` or `table`. The default of a parameter is an example, never an id that exists.
    """

    id: str
    version: int
    place: int
    about: str
    pattern: str
    title: Text
    question: Text
    params: tuple[Param, ...]
    shows: str
    needs_engine: tuple[str, ...]
    body: str


def effective(params: tuple[Param, ...], overrides: Mapping[str, Value]) -> dict[str, Value]:
    """Every parameter with its default or the value in `overrides`; ConfigurationError for an unknown name or type."""
    known = {param.name: param for param in params}
    unknown = sorted(set(overrides) - set(known))
    if unknown:
        raise ConfigurationError(f"there is no parameter {unknown[0]}", f"known: {', '.join(known) or 'none'}")
    return {
        name: param.checked(overrides[name]) if name in overrides else param.default for name, param in known.items()
    }


def member_kind(stem: str) -> MemberKind | None:
    """The member kind that `stem` names; None for site and settlement, which the tables must tell apart."""
    kinds: dict[str, MemberKind] = {
        "person": "person", "card": "card", "doctor": "doctor", "institution": "institution", "pharmacy": "pharmacy",
        "handler": "handler", "terminal": "terminal", "phone": "phone", "bank_account": "bank_account",
        "household": "household", "employer": "employer", "agent": "agent",
    }  # fmt: skip
    return kinds.get(stem)

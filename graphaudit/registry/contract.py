"""What a lead must look like before it may be published: the exported-lead contract, with graph ids."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any

from graphaudit.errors import SchemaError
from graphaudit.registry.tables import LEAD_STATUSES, MEMBER_TYPES

LEAD_ID = re.compile(r"L-[0-9A-Za-z][0-9A-Za-z_-]{0,60}")
BUILD_ID = re.compile(r"[0-9A-Za-z][0-9A-Za-z._-]{0,63}")

Check = Callable[[Any, str], None]


def check_leads(build_id: str, leads: Sequence[Mapping[str, Any]]) -> None:
    """Refuse with SchemaError whatever does not follow the contract, naming rank and place, never the value."""
    if not BUILD_ID.fullmatch(build_id):
        raise SchemaError("a build id is 1 to 64 letters, digits, dots, dashes and underscores")
    seen: set[str] = set()
    for expected, lead in enumerate(leads, start=1):
        where = f"lead at rank {expected}"
        _LEAD(lead, where)
        if lead["rank"] != expected:
            raise SchemaError(
                f"{where}: its rank says otherwise", "hand leads over in rank order, from 1 without a gap"
            )
        if lead["build_id"] != build_id:
            raise SchemaError(f"{where}: it belongs to another build")
        if lead["id"] in seen:
            raise SchemaError(f"{where}: its id occurs twice")
        seen.add(lead["id"])


def _record(*, may_have: Mapping[str, Check] | None = None, **fields: Check) -> Check:
    """A mapping with these keys and no others; a trailing underscore lets a key be a Python keyword."""
    checks = {name.rstrip("_"): check for name, check in fields.items()}
    optional = dict(may_have or {})

    def check(value: Any, where: str) -> None:
        if not isinstance(value, Mapping):
            raise SchemaError(f"{where}: an object is expected")
        for name in checks:
            if name not in value:
                raise SchemaError(f"{where}: {name} is missing")
        for name in value:
            if name not in checks and name not in optional:
                raise SchemaError(f"{where}: {name} is not part of the contract")
        for name, inner in (checks | optional).items():
            if name in value:
                inner(value[name], f"{where}.{name}")

    return check


def _list_of(inner: Check, *, some: bool = False) -> Check:
    def check(value: Any, where: str) -> None:
        if isinstance(value, str | bytes) or not isinstance(value, Sequence):
            raise SchemaError(f"{where}: a list is expected")
        if some and not value:
            raise SchemaError(f"{where}: the list is empty")
        for index, item in enumerate(value):
            inner(item, f"{where}[{index}]")

    return check


def _optional(inner: Check) -> Check:
    def check(value: Any, where: str) -> None:
        if value is not None:
            inner(value, where)

    return check


def _text(value: Any, where: str) -> None:
    if not isinstance(value, str) or not value:
        raise SchemaError(f"{where}: a text is expected")


def _number(value: Any, where: str) -> None:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise SchemaError(f"{where}: a finite number is expected")


def _share(value: Any, where: str) -> None:
    _number(value, where)
    if not 0 <= value <= 1:
        raise SchemaError(f"{where}: a number from 0 to 1 is expected")


def _rank(value: Any, where: str) -> None:
    if isinstance(value, bool) or not isinstance(value, int):
        raise SchemaError(f"{where}: a whole number is expected")


def _day(value: Any, where: str) -> None:
    try:
        if len(value) != 10:
            raise ValueError
        date.fromisoformat(value)
    except (TypeError, ValueError):
        raise SchemaError(f"{where}: a day as YYYY-MM-DD is expected") from None


def _lead_id(value: Any, where: str) -> None:
    if not isinstance(value, str) or not LEAD_ID.fullmatch(value):
        raise SchemaError(f"{where}: an id such as L-7f3a9c is expected")


def _one_of(*allowed: str) -> Check:
    def check(value: Any, where: str) -> None:
        if value not in allowed:
            raise SchemaError(f"{where}: one of {', '.join(allowed)} is expected")

    return check


def _values(value: Any, where: str) -> None:
    if not isinstance(value, Mapping):
        raise SchemaError(f"{where}: an object is expected")
    for name, item in value.items():
        if not isinstance(name, str) or not (item is None or isinstance(item, str | int | float)):
            raise SchemaError(f"{where}.{name}: a text or number is expected")
        if isinstance(item, float) and not math.isfinite(item):
            raise SchemaError(f"{where}.{name}: a finite number is expected")


_BOTH = _record(zh=_text, en=_text)
_LEAD = _record(
    rank=_rank,
    id=_lead_id,
    build_id=_text,
    score=_share,
    q_value=_optional(_share),
    pattern=_text,
    title=_BOTH,
    members=_list_of(_record(type=_one_of(*MEMBER_TYPES), id=_text, role=_text, strength=_share), some=True),
    amount=_record(fund=_number, account=_number, total=_number),
    priority=_number,
    period=_record(from_=_day, to=_day),
    evidence=_list_of(
        _record(
            kind=_text,
            detector=_text,
            settlements=_list_of(_text),
            text=_BOTH,
            values=_values,
            # what the detector measured, before fusing chose between detectors
            may_have={"signals": _list_of(_record(signal=_text, value=_number, weight=_number, text=_BOTH))},
        ),
        some=True,
    ),
    benign_explanations=_list_of(_record(cause=_text, weight=_share, text=_BOTH)),
    would_clear=_optional(_BOTH),
    legal_basis=_list_of(_text),
    status=_one_of(*LEAD_STATUSES),
    contributions=_list_of(_record(signal=_text, value=_number, weight=_number)),
)

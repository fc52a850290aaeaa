"""Lead and truth files: read strictly, so that a malformed one is an error and not a low figure."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

from graphaudit.errors import SourceError

LEAD_HINT = "write it with `graphaudit leads export --format json`"
TRUTH_HINT = "it is the file DIR.truth.json that `graphaudit simulate --out DIR` writes beside its folder"


def _read(path: Path, hint: str) -> Any:
    if not path.is_file():
        raise SourceError(f"{path} is not a file", hint=hint)
    try:
        return json.loads(path.read_text(encoding="utf-8-sig"))
    except UnicodeDecodeError as error:
        raise SourceError(f"{path} is not UTF-8 text (byte {error.start})", hint=hint) from error
    except json.JSONDecodeError as error:
        raise SourceError(f"{path}, line {error.lineno}: not JSON ({error.msg})", hint=hint) from error


def _require(ok: bool, where: str, what: str, hint: str) -> None:
    if not ok:
        raise SourceError(f"{where}: {what}", hint=hint)


def _number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _texts(values: Any) -> bool:
    return isinstance(values, list) and all(isinstance(value, str) for value in values)


def _check_members(members: Any, where: str, hint: str) -> None:
    _require(isinstance(members, list), where, "`members` is not a list", hint)
    for position, member in enumerate(members, start=1):
        fits = isinstance(member, dict) and isinstance(member.get("type"), str) and isinstance(member.get("id"), str)
        _require(fits, where, f"member {position} lacks a text `type` or `id`", hint)


def check_leads(leads: Any, where: str = "leads") -> list[dict[str, Any]]:
    """The leads in order of rank; SourceError names the first lead that the contract does not allow."""
    _require(isinstance(leads, list), where, "not a list of leads", LEAD_HINT)
    ranks: set[int] = set()
    for position, lead in enumerate(leads, start=1):
        here = f"{where}, lead {position}"
        _require(isinstance(lead, dict), here, "not an object", LEAD_HINT)
        rank = lead.get("rank")
        _require(
            isinstance(rank, int) and not isinstance(rank, bool) and rank > 0,
            here,
            "`rank` is not a positive whole number",
            LEAD_HINT,
        )
        _require(rank not in ranks, here, f"rank {rank} occurs twice", LEAD_HINT)
        ranks.add(rank)
        _check_members(lead.get("members"), here, LEAD_HINT)
        _require(isinstance(lead.get("pattern", ""), str), here, "`pattern` is not text", LEAD_HINT)
        q_value = lead.get("q_value")
        _require(
            q_value is None or (_number(q_value) and 0 <= q_value <= 1),
            here,
            "`q_value` is neither null nor between 0 and 1",
            LEAD_HINT,
        )
        score = lead.get("score")
        _require(
            score is None or (_number(score) and 0 <= score <= 1), here, "`score` is not between 0 and 1", LEAD_HINT
        )
        evidence = lead.get("evidence", [])
        _require(
            isinstance(evidence, list) and all(isinstance(e, dict) for e in evidence),
            here,
            "`evidence` is not a list of objects",
            LEAD_HINT,
        )
        named = all(_texts(e.get("settlements", [])) for e in evidence)
        _require(named, here, "`settlements` of its evidence is not a list of texts", LEAD_HINT)
    return sorted(leads, key=lambda lead: int(lead["rank"]))


def check_truth(truth: Any, where: str = "truth") -> dict[str, Any]:
    """The truth as it is; SourceError names the first ring, group or fault that the contract does not allow."""
    _require(isinstance(truth, dict), where, "not an object", TRUTH_HINT)
    for name in ("rings", "benign"):
        _require(isinstance(truth.get(name), list), where, f"`{name}` is not a list", TRUTH_HINT)
    ids: set[str] = set()
    for position, ring in enumerate(truth["rings"], start=1):
        here = f"{where}, ring {position}"
        fits = isinstance(ring, dict) and isinstance(ring.get("id"), str) and isinstance(ring.get("pattern"), str)
        _require(fits, here, "lacks a text `id` or `pattern`", TRUTH_HINT)
        _require(ring["id"] not in ids, here, f"id {ring['id']} occurs twice", TRUTH_HINT)
        ids.add(ring["id"])
        _check_members(ring.get("members"), here, TRUTH_HINT)
        _require(bool(ring["members"]), here, "has no members", TRUTH_HINT)
        _require(_texts(ring.get("settlements")), here, "`settlements` is not a list of texts", TRUTH_HINT)
        _require(
            _number(ring.get("amount")) and ring["amount"] >= 0, here, "`amount` is not a positive number", TRUTH_HINT
        )
    for position, group in enumerate(truth["benign"], start=1):
        here = f"{where}, honest group {position}"
        _require(
            isinstance(group, dict) and isinstance(group.get("class"), str), here, "lacks a text `class`", TRUTH_HINT
        )
        _check_members(group.get("members"), here, TRUTH_HINT)
    faults = truth.get("faults", [])
    _require(isinstance(faults, list), where, "`faults` is not a list", TRUTH_HINT)
    for position, fault in enumerate(faults, start=1):
        here = f"{where}, fault {position}"
        fits = isinstance(fault, dict) and isinstance(fault.get("class"), str)
        _require(fits, here, "lacks a text `class`", TRUTH_HINT)
        _check_members(fault.get("members"), here, TRUTH_HINT)
    return dict(truth)


def load_leads(path: Path) -> list[dict[str, Any]]:
    """Read exported leads (JSON), in order of rank; SourceError names file and lead."""
    return check_leads(_read(path, LEAD_HINT), str(path))


def load_truth(path: Path) -> dict[str, Any]:
    """Read the truth of a simulated city; SourceError names file and ring."""
    return check_truth(_read(path, TRUTH_HINT), str(path))

"""Recognise a lead in the next build: an id is minted once and inherited by the lead that shares its settlements."""

from __future__ import annotations

import base64
import hashlib
from collections import defaultdict
from collections.abc import Mapping, Sequence

#: A lead inherits an earlier id when it holds at least this share of that lead's settlements.
INHERIT_SHARE = 0.5


def mint(pattern: str, settlements: Sequence[str]) -> str:
    """A new id from what the lead is about: pattern and source settlement ids, nothing keyed and nothing timed."""
    text = "\n".join([pattern, *sorted(settlements)])
    digest = hashlib.sha256(text.encode()).digest()
    return "L-" + base64.b32encode(digest).decode().rstrip("=")[:12]


def assign(leads: Sequence[tuple[str, Sequence[str]]], previous: Mapping[str, frozenset[str]]) -> list[str]:
    """Ids for `leads` (pattern, settlement ids), given the settlements of the previous build's leads.

    Each earlier id goes to at most one lead, the one that holds most of its settlements; ties go to the
    larger share of the new lead, then to the smaller new id, so that the outcome is the same on every run.
    """
    minted = [mint(pattern, settlements) for pattern, settlements in leads]
    holders: dict[str, list[str]] = defaultdict(list)
    for old, known in previous.items():
        for settlement in known:
            holders[settlement].append(old)
    candidates: list[tuple[float, float, str, str, int]] = []
    for index, (_, settlements) in enumerate(leads):
        shared: dict[str, int] = defaultdict(int)
        for settlement in set(settlements):
            for old in holders.get(settlement, ()):
                shared[old] += 1
        for old, count in shared.items():
            share = count / len(previous[old])
            if share >= INHERIT_SHARE:
                candidates.append((-share, -count / max(len(settlements), 1), old, minted[index], index))
    ids: dict[int, str] = {}
    taken: set[str] = set()
    for _, _, old, _, index in sorted(candidates):
        if index not in ids and old not in taken:
            ids[index] = old
            taken.add(old)
    result: list[str] = []
    for index, fresh in enumerate(minted):
        identity = ids.get(index, fresh)
        number = 2
        while index not in ids and identity in taken:
            # a minted id may already live on as the heir of an earlier lead
            identity = f"{fresh}-{number}"
            number += 1
        taken.add(identity)
        result.append(identity)
    return result

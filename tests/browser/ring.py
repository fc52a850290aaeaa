"""A small graph with one lead in it, as a build leaves it in a Neo4j; graph.yml beside this file is its world."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from graphaudit.progress import SilentProgress
from graphaudit.stores.base import GraphStore
from tests.graph_builder import read_world, spread

BUILD = "b20260101-000000"
LEAD = "L-RING00000001"
PERSONS = [f"p{number}" for number in range(1, 9)]
OTHERS = [("bank_account", "pooled", "payee"), ("pharmacy", "shop", "site"), ("handler", "desk", "handler")]
WORLD = Path(__file__).parent / "graph.yml"


def lead() -> dict[str, Any]:
    """The lead, with all that the contract asks for."""
    members = [{"type": "person", "id": key, "role": "claimant", "strength": 1.0} for key in PERSONS]
    members += [{"type": kind, "id": key, "role": role, "strength": 1.0} for kind, key, role in OTHERS]
    title = {"zh": "8名参保人：与“经办岗位内外勾连”相符的迹象", "en": "8 insured persons: indicators consistent with …"}
    world = read_world(WORLD)
    evidence = {
        "kind": "shared_account",
        "detector": "shared_payee_account",
        "settlements": world.settlements(spread(["bought1..bought8", "claim1..claim8"])),
        "text": title,
        "values": {"persons": 8},
        "signals": [],
    }
    return {
        "rank": 1, "id": LEAD, "build_id": BUILD, "score": 0.9, "q_value": None, "pattern": "insider", "title": title,
        "members": members, "amount": {"fund": 1.0, "account": 0.0, "total": 2.0}, "priority": 1.0,
        "period": {"from": "2026-01-05", "to": "2026-02-05"}, "evidence": [evidence], "benign_explanations": [],
        "would_clear": None, "legal_basis": ["Order 735 art. 37"], "status": "new", "contributions": [],
    }  # fmt: skip


def load(store: GraphStore) -> None:
    """Write the graph and its lead."""
    tables = read_world(WORLD).tables()
    store.write(BUILD, tables, SilentProgress())
    store.write_leads(BUILD, [lead()])
    store.activate(BUILD)

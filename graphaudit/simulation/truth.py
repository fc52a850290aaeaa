"""The truth of a simulated city, written beside the folder and never into it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

from graphaudit.simulation.city import City, Group, Plan
from graphaudit.simulation.identity import Identities, settlement_ids


def truth_path(out: Path) -> Path:
    """Where the truth of the city in folder `out` lies."""
    return out.with_name(f"{out.name}.truth.json")


def _members(group: Group, ids: Identities) -> list[dict[str, str]]:
    named = {(m.type, ids.of(m)): m.role for m in group.members}
    return [{"type": kind, "id": value, "role": role} for (kind, value), role in sorted(named.items())]


def truth_of(city: City, plan: Plan, ids: Identities) -> dict[str, Any]:
    """The truth as the contract has it, once all visits are written; amounts in yuan, ids as the tables write them."""
    benign = [group for group in plan.benign if plan.appears(group)]
    return {
        "seed": city.streams.seed,
        "size": city.size.name,
        "camouflage": city.camouflage.level,
        "rings": [
            {
                "id": f"R{number + 1:03d}",
                "pattern": ring.pattern,
                "members": _members(ring, ids),
                "settlements": sorted(settlement_ids(np.array(ring.settlements, dtype=np.int64)).tolist()),
                "amount": round(ring.amount_fen / 100, 2),
            }
            for number, ring in enumerate(plan.rings)
        ],
        "benign": [
            {"id": f"B{number + 1:05d}", "class": group.pattern, "members": _members(group, ids)}
            for number, group in enumerate(benign)
        ],
    }


def write_truth(path: Path, truth: dict[str, Any]) -> None:
    """Write the truth; nothing half-written stays when that fails."""
    building = path.with_name(f".{path.name}.part")
    building.write_text(json.dumps(truth, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    building.replace(path)

"""The truth of a simulated city, written beside the folder and never into it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from graphaudit.simulation.city import City, Group, Plan
from graphaudit.simulation.drift import drift_in_truth
from graphaudit.simulation.faults import Faults, faults_in_truth
from graphaudit.simulation.identity import Identities, second_numbers, settlement_ids
from graphaudit.simulation.places import PHARMACY


def truth_path(out: Path) -> Path:
    """Where the truth of the city in folder `out` lies."""
    return out.with_name(f"{out.name}.truth.json")


def _members(group: Group, ids: Identities) -> list[dict[str, str]]:
    named = {(m.type, ids.of(m)): m.role for m in group.members}
    return [{"type": kind, "id": value, "role": role} for (kind, value), role in sorted(named.items())]


def _inspection(city: City, plan: Plan, ring: int) -> dict[str, Any]:
    """What a ring reacted to, and from when on; nothing for a ring that was not inspected."""
    found = plan.inspections.get(ring)
    if found is None:
        return {}
    site, day, reacts = city.places.sites.codes[found.site], city.day(found.day), city.day(found.reacts_on)
    return {"inspected": {"site": site, "on": day.isoformat(), "reacts_from": reacts.isoformat()}}


def _dials(city: City, faults: Faults | None, persons: pa.Table) -> dict[str, Any]:
    """What the further dials brought: absent without them, so that a plain city's truth stays as it is."""
    found: dict[str, Any] = {}
    if city.drift is not None:
        found["drift"] = drift_in_truth(city.drift, city.size, city.places.sites.codes)
    if faults is not None:
        kinds = np.where(city.places.sites.kind == PHARMACY, "pharmacy", "institution").tolist()
        numbers, second = persons["psn_no"].to_pylist(), second_numbers(persons).to_pylist()
        found["faults"] = faults_in_truth(city, faults, kinds, numbers, second)
    return found


def truth_of(
    city: City, plan: Plan, ids: Identities, persons: pa.Table, faults: Faults | None = None
) -> dict[str, Any]:
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
                **_inspection(city, plan, number),
            }
            for number, ring in enumerate(plan.rings)
        ],
        "benign": [
            {"id": f"B{number + 1:05d}", "class": group.pattern, "members": _members(group, ids)}
            for number, group in enumerate(benign)
        ],
        **_dials(city, faults, persons),
    }


def write_truth(path: Path, truth: dict[str, Any]) -> None:
    """Write the truth; nothing half-written stays when that fails."""
    building = path.with_name(f".{path.name}.part")
    building.write_text(json.dumps(truth, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    building.replace(path)

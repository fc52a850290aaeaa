"""Exported leads as rows of (:Lead)-[:IMPLICATES]-> members, the same for every store."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

LABELS = {
    "person": "Person",
    "card": "Card",
    "doctor": "Doctor",
    "institution": "Institution",
    "pharmacy": "Pharmacy",
    "handler": "Handler",
    "terminal": "Terminal",
    "phone": "Phone",
    "bank_account": "BankAccount",
    "household": "Household",
    "employer": "Employer",
    "agent": "Agent",
}


@dataclass(frozen=True, slots=True)
class LeadRows:
    """Property rows of the leads, and per label the members by lead, role and strength."""

    leads: list[dict[str, Any]]
    members: dict[str, list[dict[str, Any]]]


def lead_rows(leads: Sequence[Mapping[str, Any]]) -> LeadRows:
    """Rows for `leads` as they are exported, with graph ids for members; each (lead, member, role) once."""
    properties: list[dict[str, Any]] = []
    members: dict[str, dict[tuple[str, str, str], float]] = {}
    for lead in leads:
        lead_id = str(lead["id"])
        properties.append(
            {
                "lead_id": lead_id,
                "rank": int(lead["rank"]),
                "score": float(lead["score"]),
                "pattern": str(lead["pattern"]),
                "title_zh": str(lead["title"]["zh"]),
                "title_en": str(lead["title"]["en"]),
                "status": str(lead["status"]),
            }
        )
        for member in lead["members"]:
            strength = float(member.get("strength", 1.0))
            _keep(members, LABELS[member["type"]], (lead_id, str(member["id"]), str(member["role"])), strength)
        for evidence in lead["evidence"]:
            for settlement in evidence["settlements"]:
                _keep(members, "Settlement", (lead_id, str(settlement), "evidence"), 1.0)
    return LeadRows(
        properties,
        {
            label: [
                {"lead_id": lead_id, "member_id": member_id, "role": role, "strength": strength}
                for (lead_id, member_id, role), strength in sorted(rows.items())
            ]
            for label, rows in sorted(members.items())
        },
    )


def _keep(
    members: dict[str, dict[tuple[str, str, str], float]], label: str, key: tuple[str, str, str], strength: float
) -> None:
    rows = members.setdefault(label, {})
    rows[key] = max(strength, rows.get(key, 0.0))

"""One lead in words: every number of it, what speaks against it, and what it rests on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Any

from api.commands.layout import paragraph, table, yuan

#: Settlement ids shown per piece of evidence unless all are asked for.
SHOWN_SETTLEMENTS = 12


def lead_table(leads: Sequence[Mapping[str, Any]], language: str) -> str:
    """The list: one line a lead."""
    header = ("rank", "id", "score", "pattern", "persons", "sites", "total yuan", "from", "to", "status", "title")
    rows = [
        (
            lead["rank"],
            lead["id"],
            f"{lead['score']:.3f}",
            lead["pattern"],
            _count(lead, "person"),
            _count(lead, "institution", "pharmacy"),
            yuan(lead["amount"]["total"]),
            lead["period"]["from"],
            lead["period"]["to"],
            lead["status"],
            lead["title"][language],
        )
        for lead in leads
    ]
    return table(header, rows, right=("rank", "score", "persons", "sites", "total yuan"), widest=120)


def lead_in_full(lead: Mapping[str, Any], *, all_settlements: bool = False) -> str:
    """Everything about one lead, in both languages where an official reads it."""
    q_value = "exact rule" if lead["q_value"] is None else f"q = {lead['q_value']:.3g}"
    amount = lead["amount"]
    lines = [
        f"Lead {lead['id']} · rank {lead['rank']} · score {lead['score']:.3f} · {q_value} · {lead['pattern']}"
        f" · {lead['status']}",
        *_both(lead["title"]),
        "",
        f"Period   {lead['period']['from']} … {lead['period']['to']}",
        f"Amounts  total {yuan(amount['total'])} · fund {yuan(amount['fund'])}"
        f" · personal account {yuan(amount['account'])} yuan",
        f"Priority {yuan(lead['priority'])} yuan expected per hour of checking",
        *(f"Browser  {url}" for url in lead.get("links", {}).values()),
        "",
        f"Members ({len(lead['members'])})",
        *_members(lead["members"]),
        "",
        "Evidence",
    ]
    for place, piece in enumerate(lead["evidence"], start=1):
        lines += _evidence(place, piece, all_settlements=all_settlements)
    lines += ["", "Contributions to the score (value × weight)"]
    lines += _contributions(lead)
    lines += ["", "Innocent explanations weighed (share of the evidence each explains)"]
    for cause in lead["benign_explanations"]:
        lines += [f"  {cause['cause']} {cause['weight']:.2f}", *_both(cause["text"], "    ")]
    if not lead["benign_explanations"]:
        lines.append("  none that the records speak of")
    if lead["would_clear"]:
        lines += ["", "What would clear it", *_both(lead["would_clear"])]
    lines += ["", "Legal basis (a pointer for the reader, not a ruling)"]
    lines += [f"  {article}" for article in lead["legal_basis"]] or ["  -"]
    return "\n".join(lines)


def _members(members: Sequence[Mapping[str, Any]]) -> list[str]:
    lines = []
    ordered = sorted(members, key=lambda m: (m["role"], m["type"]))
    for (role, kind), group in groupby(ordered, key=lambda m: (m["role"], m["type"])):
        found = list(group)
        lines.append(f"  {role} ({kind}, {len(found)})")
        for member in found:
            name = f"  {member['name']}" if member.get("name") else ""
            lines.append(f"    {member['id']}  strength {member['strength']:.2f}{name}")
    return lines


def _evidence(place: int, piece: Mapping[str, Any], *, all_settlements: bool) -> list[str]:
    lines = [f"  {place}. {piece['kind']} (found by {piece['detector']})", *_both(piece["text"], "     ")]
    if piece["values"]:
        values = " · ".join(f"{name} {_short(value)}" for name, value in piece["values"].items())
        lines.append(paragraph(values, "     "))
    settlements = piece["settlements"]
    shown = settlements if all_settlements else settlements[:SHOWN_SETTLEMENTS]
    lines.append(f"     settlements ({len(settlements)})")
    lines.append(paragraph(" ".join(shown), "       "))
    if len(shown) < len(settlements):
        lines.append(f"       … and {len(settlements) - len(shown)} more: --all-settlements shows them")
    return lines


def _contributions(lead: Mapping[str, Any]) -> list[str]:
    """Each contribution with what it measured, then their sum."""
    said = {signal["signal"]: signal["text"] for piece in lead["evidence"] for signal in piece.get("signals", ())}
    lines = []
    for entry in lead["contributions"]:
        product = entry["value"] * entry["weight"]
        lines.append(f"  {product:+9.3f}  {entry['signal']}  {entry['value']:.3f} × {entry['weight']:.3f}")
        if entry["signal"] in said:
            lines += _both(said[entry["signal"]], " " * 13)
    lines.append(f"  {sum(entry['value'] * entry['weight'] for entry in lead['contributions']):+9.3f}  sum")
    return lines


def _both(text: Mapping[str, str], indent: str = "  ") -> list[str]:
    return [paragraph(text["zh"], indent), paragraph(text["en"], indent)]


def _short(value: object) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def _count(lead: Mapping[str, Any], *kinds: str) -> int:
    return sum(1 for member in lead["members"] if member["type"] in kinds)

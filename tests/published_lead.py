"""One published lead of the contract, whole, for tests that store, serve or show leads."""

from __future__ import annotations

from typing import Any


def published_lead(build_id: str, rank: int, lead_id: str, **changed: Any) -> dict[str, Any]:
    """A lead as a build publishes it; keywords replace parts of it."""
    lead = {
        "rank": rank,
        "id": lead_id,
        "build_id": build_id,
        "score": 0.9,
        "q_value": 0.01,
        "pattern": "hoarded_cards",
        "title": {"zh": "多张凭证集中使用", "en": "Several cards used together"},
        "members": [
            {"type": "person", "id": "P-aaaa", "role": "card_holder", "strength": 0.9},
            {"type": "pharmacy", "id": "P33010100001", "role": "site", "strength": 1.0},
        ],
        "amount": {"fund": 10.01, "account": 0.0, "total": 20.29},
        "priority": 5.0,
        "period": {"from": "2026-01-03", "to": "2026-06-28"},
        "evidence": [
            {
                "kind": "co_swipe_session",
                "detector": "co_swipe",
                "settlements": ["S1", "S2"],
                "text": {"zh": "两次", "en": "Twice"},
                "values": {"sessions": 2, "gap_days": 1.5, "place": "P1"},
                "signals": [
                    {"signal": "sessions", "value": 2.0, "weight": 1.5, "text": {"zh": "次数", "en": "Sessions"}}
                ],
            }
        ],
        "benign_explanations": [{"cause": "household", "weight": 0.1, "text": {"zh": "同户", "en": "A household"}}],
        "would_clear": {"zh": "说明", "en": "An explanation"},
        "legal_basis": ["Order 735 art. 17"],
        "status": "new",
        "contributions": [{"signal": "sessions", "value": 2.0, "weight": 1.5}],
    }
    return lead | changed

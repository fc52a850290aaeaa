"""The service on a real registry with three leads published, and keys of several kinds."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from api.app import create_app
from graphaudit.registry import BuildRecord, Registry
from tests.published_lead import published_lead


@dataclass(frozen=True)
class ServiceSettings:
    """What the service needs to be told."""

    registry_url: str


@dataclass
class Service:
    """A running service, its registry, and keys."""

    client: TestClient
    registry: Registry
    keys: dict[str, str]

    def get(self, path: str, key: str | None = "reader", headers: dict[str, str] | None = None, **parameters: Any):
        """GET with the named key; None sends none."""
        sent = dict(headers or {})
        if key is not None:
            sent["Authorization"] = f"Bearer {self.keys.get(key, key)}"
        return self.client.get(path, params=parameters or None, headers=sent)


def source_ids(_build_id: str, leads: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """What the composition root would look up: here, pseudonyms become their text behind SRC-."""
    personal = {"person", "card"}
    return [
        lead | {"members": [m | {"id": f"SRC-{m['id']}"} if m["type"] in personal else m for m in lead["members"]]}
        for lead in leads
    ]


@pytest.fixture
def make_lead() -> Callable[..., dict[str, Any]]:
    """Builds one lead of the contract; keywords replace parts of it."""
    return published_lead


@pytest.fixture
def leads_of(make_lead) -> Callable[[str], list[dict[str, Any]]]:
    """Nine leads of a build that differ in whatever a filter may ask for."""

    def leads(build_id: str, count: int = 9) -> list[dict[str, Any]]:
        return [
            make_lead(
                build_id,
                rank,
                f"L-{rank}",
                score=round(1 - rank / 10, 2),
                q_value=None if rank == 1 else rank / 100,
                pattern="insider" if rank > 6 else "inducement",
                priority=float(rank % 3),
                members=[
                    {"type": "person", "id": f"P-{rank}", "role": "card_holder", "strength": 1.0},
                    {"type": "institution", "id": f"H{rank % 2}", "role": "site", "strength": 1.0},
                ],
            )
            for rank in range(1, count + 1)
        ]

    return leads


@pytest.fixture
def registry(tmp_path: Path) -> Iterator[Registry]:
    """An empty registry."""
    with Registry.open(f"sqlite:{tmp_path / 'registry.db'}") as opened:
        yield opened


@pytest.fixture
def service(registry: Registry, leads_of) -> Iterator[Service]:
    """The service with build B1 published."""
    registry.publish(BuildRecord("B1", "sha256:ab", {"leads": 9}, "0.1.0", "ladybug:/secret/place", 7), leads_of("B1"))
    registry.set_lead_status("L-2", "in_review", expected_version=0, actor="tester")
    keys = {
        name: registry.create_key(name, scopes)[1]
        for name, scopes in {
            "reader": ["leads:read"],
            "builder": ["builds:read"],
            "revealer": ["leads:read", "pii:read"],
            "pii-only": ["pii:read"],
        }.items()
    }
    app = create_app(ServiceSettings("sqlite:unused"), registry, source_ids)
    with TestClient(app, raise_server_exceptions=False) as client:
        yield Service(client, registry, keys)


@pytest.fixture
def make_service(registry: Registry) -> Callable[..., Service]:
    """Another service on the same registry, with another way to source ids."""

    def make(identities: Any = None) -> Service:
        key = registry.create_key("all", ["leads:read", "builds:read", "pii:read"])[1]
        client = TestClient(
            create_app(ServiceSettings("sqlite:unused"), registry, identities), raise_server_exceptions=False
        )
        return Service(client, registry, {"reader": key, "revealer": key, "builder": key})

    return make


@pytest.fixture
def is_problem() -> Callable[..., dict[str, Any]]:
    """Asserts that a response is a problem as RFC 9457 has it, and gives its content."""

    def check(response: Any, status: int, kind: str) -> dict[str, Any]:
        assert response.status_code == status, response.text
        assert response.headers["content-type"] == "application/problem+json"
        body = response.json()
        assert body["type"] == f"urn:graphaudit:problem:{kind}"
        assert body["status"] == status
        assert body["title"]
        assert body["detail"]
        assert body["request_id"] == response.headers["x-request-id"]
        assert set(body) <= {"type", "title", "status", "detail", "request_id", "next_step", "errors"}
        assert "Traceback" not in response.text
        assert response.headers["x-content-type-options"] == "nosniff"
        return body

    return check

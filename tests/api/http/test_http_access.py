"""Who may ask what: deny by default, keys, scopes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from fastapi import APIRouter, Depends, FastAPI
from fastapi.routing import APIRoute
from sqlalchemy import update

from api.auth import OPEN_PATHS, Requires, declared_scopes, refuse_unguarded
from graphaudit.errors import ConfigurationError
from graphaudit.registry import SCOPES
from graphaudit.registry.database import write
from graphaudit.registry.tables import api_keys

GUARDED = ["/v1/leads", "/v1/leads/L-1", "/v1/builds", "/v1/builds/B1", "/openapi.json"]


def every_route(routes: list[Any]) -> list[Any]:
    """All routes of an application, those of included routers too."""
    found = []
    for route in routes:
        inner = getattr(route, "original_router", None) or getattr(route, "app", None)
        nested = getattr(inner, "routes", None)
        found += every_route(nested) if nested is not None else [route]
    return found


def test_every_route_declares_a_scope_except_those_that_tell_health_and_explain_the_graph(service) -> None:
    routes = every_route(service.client.app.routes)
    explaining = {
        "/v1/browser/guide.html", "/v1/browser/guide.en.html", "/v1/browser/style.grass", "/v1/browser/favourites.zip",
    }  # fmt: skip
    assert explaining | {"/livez", "/readyz"} == OPEN_PATHS
    assert {route.path for route in routes} == OPEN_PATHS | {
        "/v1/leads", "/v1/leads/{lead_id}", "/v1/builds", "/v1/builds/{build_id}", "/openapi.json",
    }  # fmt: skip
    for route in routes:
        assert isinstance(route, APIRoute), "something is served that is no declared route"
        assert route.methods == {"GET"} or (route.methods == {"OPTIONS"} and route.path in explaining)
        assert bool(declared_scopes(route)) != (route.path in OPEN_PATHS), route.path
        assert set(declared_scopes(route)) <= set(SCOPES)


def test_a_route_without_a_scope_cannot_be_added() -> None:
    router = APIRouter()

    @router.get("/v1/everything")
    def everything() -> str:
        return "all of it"

    with pytest.raises(ConfigurationError, match="/v1/everything"):
        refuse_unguarded(router)


def test_a_route_with_an_unknown_scope_cannot_be_declared() -> None:
    with pytest.raises(ConfigurationError):
        Requires("leads:reed")
    with pytest.raises(ConfigurationError):
        Requires()


def test_a_mounted_application_counts_as_a_route_without_a_scope() -> None:
    router = APIRouter()
    router.mount("/pages", FastAPI())
    with pytest.raises(ConfigurationError):
        refuse_unguarded(router)


def test_a_guard_that_is_only_a_parameter_does_not_count_as_declared() -> None:
    router = APIRouter()

    @router.get("/v1/x", dependencies=[Depends(lambda: None)])
    def x() -> str:
        return "x"

    with pytest.raises(ConfigurationError):
        refuse_unguarded(router)


@pytest.mark.parametrize("path", GUARDED)
@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Authorization": "Bearer"},
        {"Authorization": "Bearer ga_000000000000.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"},
        {"Authorization": "Basic dXNlcjpwYXNz"},
        {"X-API-Key": "x"},
        {"X-API-Key": "' OR 1=1 --"},
    ],
)
def test_without_a_valid_key_nothing_is_answered(service, is_problem, path, headers) -> None:
    response = service.get(path, key=None, headers=headers)
    is_problem(response, 401, "unauthorized")
    assert response.headers["www-authenticate"].startswith("Bearer")


def test_a_request_with_wrong_parameters_but_no_key_learns_nothing_about_them(service, is_problem) -> None:
    is_problem(service.get("/v1/leads", key=None, limit=9999), 401, "unauthorized")
    is_problem(service.get("/v1/leads/not-an-id", key=None), 401, "unauthorized")


@pytest.mark.parametrize(
    ("path", "key", "status"),
    [
        ("/v1/leads", "reader", 200),
        ("/v1/leads", "builder", 403),
        ("/v1/leads", "pii-only", 403),
        ("/v1/leads/L-1", "reader", 200),
        ("/v1/leads/L-1", "builder", 403),
        ("/v1/builds", "builder", 200),
        ("/v1/builds", "reader", 403),
        ("/v1/builds/B1", "builder", 200),
        ("/v1/builds/B1", "reader", 403),
        ("/openapi.json", "builder", 200),
        ("/openapi.json", "reader", 200),
    ],
)
def test_a_key_opens_what_its_scopes_say(service, is_problem, path, key, status) -> None:
    response = service.get(path, key=key)
    assert response.status_code == status
    if status == 403:
        is_problem(response, 403, "forbidden")


def test_a_key_may_also_come_as_x_api_key(service) -> None:
    sent = {"X-API-Key": service.keys["reader"]}
    assert service.get("/v1/leads", key=None, headers=sent).status_code == 200


def test_a_wrong_bearer_is_not_saved_by_a_right_x_api_key(service, is_problem) -> None:
    sent = {"Authorization": "Bearer nonsense", "X-API-Key": service.keys["reader"]}
    is_problem(service.get("/v1/leads", key=None, headers=sent), 401, "unauthorized")


def test_a_revoked_key_is_refused_at_once(service, is_problem) -> None:
    assert service.get("/v1/leads").status_code == 200
    [record] = [key for key in service.registry.keys() if key.name == "reader"]  # noqa: SIM118
    service.registry.revoke_key(record.id)
    is_problem(service.get("/v1/leads"), 401, "unauthorized")


def test_an_expired_key_is_refused(service, is_problem) -> None:
    record, plain = service.registry.create_key("short", ["leads:read"], datetime.now(UTC) + timedelta(hours=1))
    assert service.get("/v1/leads", key=plain).status_code == 200
    with write(service.registry._engine) as connection:
        past = datetime.now(UTC) - timedelta(seconds=1)
        connection.execute(update(api_keys).where(api_keys.c.id == record.id).values(expires_at=past))
    is_problem(service.get("/v1/leads", key=plain), 401, "unauthorized")


def test_health_answers_without_a_key_and_tells_nothing_else(service) -> None:
    assert service.get("/livez", key=None).json() == {"status": "alive"}
    assert service.get("/readyz", key=None).json() == {"status": "ready"}

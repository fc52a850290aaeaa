"""Who calls, and whether they may: API keys with scopes, denied unless a route declares otherwise."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.params import Depends as DependsMarker
from fastapi.routing import APIRoute
from fastapi.security import APIKeyHeader, HTTPBearer

from api.deps import RegistryDep
from api.problems import Problem
from graphaudit.errors import ConfigurationError
from graphaudit.registry import SCOPES, Principal

#: The only addresses that answer without a key: they say whether the service lives, or explain the graph in general;
#: nothing about its content.
OPEN_PATHS = frozenset(
    {
        "/livez",
        "/readyz",
        "/v1/browser/guide.html",
        "/v1/browser/guide.en.html",
        "/v1/browser/style.grass",
        "/v1/browser/favourites.zip",
    }
)

# Declared for OpenAPI; what a request really carries is read from its headers, once, below.
_BEARER = HTTPBearer(auto_error=False, description="An API key as ga_<prefix>.<secret>.")
_HEADER = APIKeyHeader(name="X-API-Key", auto_error=False, description="The same key, for clients without Bearer.")


class Requires:
    """A dependency that admits callers who hold at least one of the named scopes, and remembers who called."""

    def __init__(self, *scopes: str) -> None:
        unknown = [scope for scope in scopes if scope not in SCOPES]
        if unknown or not scopes:
            raise ConfigurationError(f"a route asks for {unknown[0] if unknown else 'no scope'}")
        self.scopes = scopes

    def __call__(
        self,
        request: Request,
        registry: RegistryDep,
        _bearer: Annotated[object, Depends(_BEARER)],
        _header: Annotated[object, Depends(_HEADER)],
    ) -> None:
        plain = _presented(request)
        principal = registry.authenticate(plain) if plain else None
        if principal is None:
            # One answer for absent, unknown, expired and revoked: the difference is the operator's to know.
            raise Problem(
                401,
                "unauthorized",
                "The API key is missing, unknown, expired or revoked.",
                "Send Authorization: Bearer ga_…; an operator makes keys with: graphaudit keys create",
                headers={"WWW-Authenticate": 'Bearer realm="graphaudit"'},
            )
        if not any(principal.may(scope) for scope in self.scopes):
            raise Problem(
                403,
                "forbidden",
                f"This needs the scope {' or '.join(self.scopes)}.",
                "Ask an operator for a key with that scope.",
            )
        request.state.principal = principal


def caller(request: Request) -> Principal:
    """Whoever the route's `Requires` admitted."""
    principal: Principal = request.state.principal
    return principal


CallerDep = Annotated[Principal, Depends(caller)]


def declared_scopes(route: object) -> tuple[str, ...]:
    """The scopes that a route declares; empty for one that declares none."""
    if not isinstance(route, APIRoute):
        return ()
    guards = [marker.dependency for marker in route.dependencies if isinstance(marker, DependsMarker)]
    return tuple(scope for guard in guards if isinstance(guard, Requires) for scope in guard.scopes)


def refuse_unguarded(router: APIRouter) -> None:
    """Deny by default: ConfigurationError when a route of `router` neither declares a scope nor is open by name."""
    for route in router.routes:
        path = getattr(route, "path", "")
        if path not in OPEN_PATHS and not declared_scopes(route):
            raise ConfigurationError(f"route {path} declares no scope", "give it dependencies=[Depends(Requires(…))]")


def _presented(request: Request) -> str:
    authorization = request.headers.get("authorization")
    if authorization is None:
        return request.headers.get("x-api-key", "").strip()
    scheme, _, value = authorization.partition(" ")
    return value.strip() if scheme.lower() == "bearer" else ""

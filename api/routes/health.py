"""Whether the process lives, and whether it can answer questions; open to everybody, telling nothing else."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from api.deps import RegistryDep
from api.models import Health, NoQuery
from api.problems import Problem
from api.routes.errors import problems

router = APIRouter(tags=["health"])


@router.get("/livez", responses=problems(422))
def alive(_query: Annotated[NoQuery, Query()]) -> Health:
    """The process answers; nothing else is looked at."""
    return Health(status="alive")


@router.get("/readyz", responses=problems(422, 503))
def ready(_query: Annotated[NoQuery, Query()], registry: RegistryDep) -> Health:
    """The registry answers and a build is published."""
    if not registry.is_reachable():
        raise Problem(503, "not-ready", "The registry does not answer.", "Start or repair its database.")
    if registry.active_build() is None:
        raise Problem(503, "not-ready", "No build is published yet.", "Run: graphaudit build SOURCE")
    return Health(status="ready")

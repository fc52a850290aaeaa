"""Which builds there are, and which one is served."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query

from api.auth import Requires
from api.deps import RegistryDep
from api.models import BuildId, BuildListQuery, BuildOut, BuildPage, NoQuery
from api.routes.errors import problems
from graphaudit.registry import BuildRecord

router = APIRouter(prefix="/v1/builds", tags=["builds"])
GUARD = [Depends(Requires("builds:read"))]


@router.get("", dependencies=GUARD, responses=problems(401, 403, 422, 503))
def list_builds(query: Annotated[BuildListQuery, Query()], registry: RegistryDep) -> BuildPage:
    """Builds, newest first; the one in state published is served."""
    found = registry.builds()
    return BuildPage(data=[_shown(build) for build in found[: query.limit]], count=len(found))


@router.get("/{build_id}", dependencies=GUARD, responses=problems(401, 403, 404, 422, 503))
def show_build(
    build_id: Annotated[BuildId, Path()], _query: Annotated[NoQuery, Query()], registry: RegistryDep
) -> BuildOut:
    """One build."""
    return _shown(registry.build(build_id))


def _shown(build: BuildRecord) -> BuildOut:
    fields = asdict(build)
    del fields["store_url"]  # where the graph lives is the operator's to know
    return BuildOut(**fields)

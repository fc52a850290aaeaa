"""The OpenAPI description, behind a key like everything else; no page loads anything from elsewhere."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request

from api.auth import Requires
from api.models import NoQuery
from api.routes.errors import problems
from graphaudit.registry import SCOPES

router = APIRouter(tags=["description"])


@router.get("/openapi.json", dependencies=[Depends(Requires(*SCOPES))], responses=problems(401, 422))
def description(request: Request, _query: Annotated[NoQuery, Query()]) -> dict[str, Any]:
    """This description; any valid key may read it."""
    document: dict[str, Any] = request.app.openapi()
    return document

"""The files that pages name."""

from typing import Annotated

from fastapi import APIRouter, Query, Response
from fastapi import Request as HttpRequest

from services.gateway.web import service

router = APIRouter(include_in_schema=False)


@router.get("/static/{name:path}")
async def static(name: str, request: HttpRequest, v: Annotated[str, Query()] = "") -> Response:
    return service.static(name, v, request.headers.get("if-none-match"))

"""Metrics over HTTP."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response

from services.gateway.dependencies import Caller
from services.gateway.traffic import service
from services.gateway.traffic.service import Traffic
from shared import metrics

router = APIRouter(include_in_schema=False)


async def get_traffic(request: Request) -> Traffic:
    traffic: Traffic = request.app.state.traffic
    return traffic


async def check_reader(request: Request, caller: Caller) -> None:
    """403 or 401 for who is neither an operator nor on this machine."""
    service.check_may_read(caller, direct=bool(request.scope["state"].get("direct")))


@router.get("/metrics", dependencies=[Depends(check_reader)])
async def read_metrics(traffic: Annotated[Traffic, Depends(get_traffic)]) -> Response:
    """Everything that is counted, for Prometheus."""
    return Response(await service.exposition(traffic), media_type=metrics.CONTENT_TYPE)

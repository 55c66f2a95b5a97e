"""Readiness. Liveness is every service's `/livez`."""

from fastapi import APIRouter

from services.gateway.dependencies import Runtime
from services.gateway.health import service
from services.gateway.health.schemas import Ready
from shared.errors import responses

router = APIRouter(tags=["health"])


@router.get(
    "/readyz",
    operation_id="readiness",
    openapi_extra={"x-scope": "public"},
    responses=responses(503),
)
async def readyz(runtime: Runtime) -> Ready:
    """Everything behind the gateway answers: for start-up and for monitoring.

    A balancer should look at `/livez`: with one sister down the gateway still serves the others.
    """
    return await service.check(runtime)

"""The roles of staff and what each may do."""

from fastapi import APIRouter

from services.gateway.roles import service
from services.gateway.roles.schemas import RolesBody

router = APIRouter(tags=["staff"])


@router.get("/v1/roles", operation_id="list_roles", openapi_extra={"x-scope": "public"})
async def list_roles() -> RolesBody:
    return service.every_role()

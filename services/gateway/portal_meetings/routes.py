"""Pages of the working group."""

from typing import Annotated
from uuid import UUID

from fastapi import Depends, Query, Response

from services.gateway.portal_meetings import service
from services.gateway.portal_meetings.schemas import ApplicationsAsked, MeetingsAsked
from services.gateway.web.pages import Page
from services.gateway.web.routing import pages
from services.gateway.web.signed_in import require

router = pages()
Reader = Annotated[Page, Depends(require("licensing:read"))]


@router.get("/portal/meetings")
async def meetings(page: Reader, asked: Annotated[MeetingsAsked, Query()]) -> Response:
    return await service.meetings(page, asked)


@router.post("/portal/meetings")
async def plan(page: Reader) -> Response:
    return await service.plan(page)


@router.get("/portal/meetings/applications")
async def applications(page: Reader, asked: Annotated[ApplicationsAsked, Query()]) -> Response:
    return await service.applications(page, asked)


@router.get("/portal/meetings/applications/{application_id}")
async def application(page: Reader, application_id: UUID) -> Response:
    return await service.application(page, application_id)


@router.post("/portal/meetings/applications/{application_id}/{act}")
async def on_application(page: Reader, application_id: UUID, act: str) -> Response:
    return await service.on_application(page, application_id, act)


@router.get("/portal/meetings/{meeting_id}")
async def meeting(page: Reader, meeting_id: UUID) -> Response:
    return await service.meeting(page, meeting_id)


@router.get("/portal/meetings/{meeting_id}/minutes")
async def minutes(page: Reader, meeting_id: UUID) -> Response:
    return await service.minutes(page, meeting_id)


@router.get("/portal/meetings/{meeting_id}/items/{item_id}")
async def item(page: Reader, meeting_id: UUID, item_id: UUID) -> Response:
    return await service.item(page, meeting_id, item_id)


@router.post("/portal/meetings/{meeting_id}/items/{item_id}/{act}")
async def on_item(page: Reader, meeting_id: UUID, item_id: UUID, act: str) -> Response:
    return await service.on_item(page, meeting_id, item_id, act)


@router.post("/portal/meetings/{meeting_id}/{act}")
async def on_meeting(page: Reader, meeting_id: UUID, act: str) -> Response:
    return await service.on_meeting(page, meeting_id, act)

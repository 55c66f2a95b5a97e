"""HTTP of the statistics."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response

from services.parcels.dependencies import Caller, Offices, Page, Session, require
from services.parcels.statistics import service
from services.parcels.statistics.domain import Kind, Tasking
from services.parcels.statistics.schemas import (
    Recount,
    TaskItem,
    TaskName,
    Tasks,
    VolumeItem,
    Volumes,
)
from services.parcels.tariff.schemas import ChannelName, ProductName
from services.parcels.transit import export
from services.parcels.transit.export import Format
from shared.calendar import Period
from shared.errors import responses
from shared.fields import PeriodText
from shared.pagination import PageBody, link_next

router = APIRouter(prefix="/v1/statistics", tags=["statistics"])
Reader = Annotated[Caller, Depends(require("reports:read"))]
PeriodQuery = Annotated[PeriodText, Query(description="1397, 1398-H1, 1397-05 or 1397-05-12")]


async def _kind(product: ProductName | None = None, channel: ChannelName | None = None) -> Kind:
    return Kind.named(product, channel)


KindQuery = Annotated[Kind, Depends(_kind)]


@router.get(
    "/volumes",
    operation_id="volumes",
    response_model=Volumes,
    responses={**export.FILES, **responses(401, 403, 422)},
    openapi_extra={"x-scope": "reports:read"},
)
async def volumes(
    session: Session,
    _: Reader,
    period: PeriodQuery,
    kind: KindQuery,
    what: Annotated[Format, Query(alias="format")] = "json",
) -> Response:
    """Items accepted in a Jalali period by product and channel, with growth on the year before."""
    found = await service.volumes(session, Period.parse(period), kind)
    content = service.as_table(found)
    headers = export.headers(what, content)
    body = export.render(found, what, content)
    return Response(body, media_type=export.MEDIA_TYPES[what], headers=headers)


@router.get(
    "/volumes/items",
    operation_id="volume_items",
    responses=responses(401, 403, 422, 503),
    openapi_extra={"x-scope": "reports:read"},
)
async def volume_items(
    request: Request,
    response: Response,
    session: Session,
    _: Reader,
    offices: Offices,
    period: PeriodQuery,
    kind: KindQuery,
    page: Page,
) -> PageBody[VolumeItem]:
    """The items that a figure of `volumes` counts, in the order of their booking."""
    items, cursor = await service.items(session, offices, Period.parse(period), kind, page)
    link_next(request, response, cursor)
    return PageBody(items=items, next=cursor)


@router.get(
    "/tasks",
    operation_id="tasks",
    responses=responses(401, 403, 422),
    openapi_extra={"x-scope": "reports:read"},
)
async def tasks(session: Session, _: Reader, period: PeriodQuery) -> Tasks:
    """Tasks done in a Jalali period by kind of office: who accepts, sorts, moves and delivers."""
    return await service.tasks(session, Period.parse(period))


@router.get(
    "/tasks/items",
    operation_id="task_items",
    responses=responses(401, 403, 422, 503),
    openapi_extra={"x-scope": "reports:read"},
)
async def task_items(
    request: Request,
    response: Response,
    session: Session,
    _: Reader,
    period: PeriodQuery,
    page: Page,
    task: TaskName | None = None,
    kind: Annotated[str | None, Query(pattern=r"^[a-z_]{1,40}$")] = None,
) -> PageBody[TaskItem]:
    """The scans that a figure of `tasks` counts, in the order of their parcels' booking."""
    wanted = Tasking.named(task, kind)
    items, cursor = await service.task_items(session, Period.parse(period), wanted, page)
    link_next(request, response, cursor)
    return PageBody(items=items, next=cursor)


@router.post(
    "/recounts",
    status_code=202,
    operation_id="recount_statistics",
    responses=responses(401, 403, 503),
    openapi_extra={"x-scope": "targets:write"},
)
async def recount_statistics(
    session: Session, _: Annotated[Caller, Depends(require("targets:write"))]
) -> Recount:
    """Have all items and tasks counted again, such as after offices moved to another county."""
    return await service.request_recount(session)

"""HTTP of coverage."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request, Response

from services.offices.catalogue.schemas import ServiceCode
from services.offices.coverage import service
from services.offices.coverage.repository import Point, Wanted
from services.offices.coverage.schemas import (
    Coverage,
    Saturation,
    Savings,
    SavingsQuery,
    ServedOut,
    WhatIf,
    WhatIfAnswer,
)
from services.offices.dependencies import (
    LICENSING_READ,
    REPORTS,
    LicensingReader,
    Now,
    Page,
    Reporter,
    Session,
)
from services.offices.registry.domain import Kind
from services.offices.registry.schemas import OfficeLatitude, OfficeLongitude, Slug
from shared.calendar import Period, tehran_date
from shared.errors import responses
from shared.fields import Day
from shared.pagination import PageBody, link_next

router = APIRouter(prefix="/v1/coverage", tags=["coverage"])
applications = APIRouter(prefix="/v1/applications", tags=["licensing"])

READERS = {"x-scope": REPORTS}


async def _wanted(
    now: Now,
    kind: Annotated[
        Kind | None, Query(description="Without kind and service: all but sorting centres.")
    ] = None,
    service: Annotated[ServiceCode | None, Query(description="Offices that offer it.")] = None,
    on: Annotated[Day | None, Query(description="The day it is offered; today by itself.")] = None,
) -> Wanted:
    return Wanted(kind, service, on or tehran_date(now))


Filters = Annotated[Wanted, Depends(_wanted)]


@router.get(
    "",
    operation_id="get_coverage",
    responses=responses(401, 403, 404, 422, 503),
    openapi_extra=READERS,
)
async def get_coverage(session: Session, _: Reporter, wanted: Filters) -> Coverage:
    """People within 2, 5 and 10 km of an office, by county and in all."""
    return await service.coverage(session, wanted)


@router.get(
    "/worst",
    operation_id="list_worst_served",
    responses=responses(401, 403, 404, 422, 503),
    openapi_extra=READERS,
)
async def list_worst_served(
    request: Request,
    response: Response,
    page: Page,
    session: Session,
    _: Reporter,
    wanted: Filters,
) -> PageBody[ServedOut]:
    """Places by people times distance, the worst first."""
    rows, following = await service.worst(session, wanted, page)
    link_next(request, response, following)
    return PageBody[ServedOut](
        items=[ServedOut.model_validate(row) for row in rows], next=following
    )


@router.post(
    "/what-if",
    operation_id="what_if_office",
    responses=responses(400, 401, 403, 404, 413, 422, 503),
    openapi_extra=READERS,
)
async def what_if_office(body: WhatIf, session: Session, _: Reporter, now: Now) -> WhatIfAnswer:
    """What one more office here would change; nothing is kept."""
    wanted = Wanted(body.kind, body.service, tehran_date(now))
    return await service.what_if(session, wanted, Point(body.latitude, body.longitude))


@router.get(
    "/saturation",
    operation_id="get_saturation",
    responses=responses(401, 403, 404, 422, 503),
    openapi_extra=READERS,
)
async def get_saturation(
    *,
    session: Session,
    _: Reporter,
    now: Now,
    kind: Kind,
    town: Slug,
    latitude: Annotated[OfficeLatitude, Query()],
    longitude: Annotated[OfficeLongitude, Query()],
) -> Saturation:
    """Offices of a kind per 10,000 people and the nearest of them, with and without one more."""
    return await service.saturation(
        session, kind, town, Point(latitude, longitude), on=tehran_date(now)
    )


@router.get(
    "/savings",
    operation_id="get_savings",
    responses=responses(401, 403, 422, 503),
    openapi_extra=READERS,
)
async def get_savings(
    session: Session, _: Reporter, now: Now, query: Annotated[SavingsQuery, Query()]
) -> Savings:
    """Journeys, fuel, CO2 and hours spared by serving nearby or electronically."""
    return await service.savings(
        session,
        Period.parse(query.period),
        query.model_dump(exclude={"period"}),
        on=tehran_date(now),
    )


@applications.get(
    "/{application_id}/saturation",
    operation_id="get_application_saturation",
    responses=responses(401, 403, 404, 422, 503),
    openapi_extra={"x-scope": LICENSING_READ},
)
async def get_application_saturation(
    application_id: UUID, session: Session, _: LicensingReader, now: Now
) -> Saturation:
    """The same for the place of an application: what the meeting sees."""
    return await service.of_application(session, application_id, on=tehran_date(now))


@applications.get(
    "/{application_id}/coverage",
    operation_id="get_application_coverage",
    responses=responses(401, 403, 404, 422, 503),
    openapi_extra={"x-scope": LICENSING_READ},
)
async def get_application_coverage(
    application_id: UUID, session: Session, _: LicensingReader, now: Now
) -> WhatIfAnswer:
    """Whom an office where an application wants one would bring nearer; nothing is kept."""
    return await service.gained_by_application(session, application_id, on=tehran_date(now))

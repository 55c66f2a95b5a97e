"""HTTP of the associations."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request, Response

from services.offices.associations import repository, service
from services.offices.associations.domain import Level
from services.offices.associations.repository import Filters
from services.offices.associations.schemas import (
    AssociationChange,
    AssociationOut,
    Ending,
    MembershipOut,
    NewAssociation,
    NewMembership,
    NewRepresentative,
    OfficeMembershipOut,
    RepresentativeFullOut,
    RepresentativeOut,
)
from services.offices.dependencies import (
    Caller,
    Effect,
    Now,
    Page,
    Session,
    answer_once,
    require,
    shown,
)
from services.offices.registry.schemas import Slug
from shared.errors import responses
from shared.fields import Day, OfficeCode
from shared.pagination import PageBody, link_next

router = APIRouter(prefix="/v1/associations", tags=["associations"])
of_office = APIRouter(prefix="/v1/offices", tags=["associations"])

WRITE = "associations:write"
Writer = Annotated[Caller, Depends(require(WRITE))]
On = Annotated[Day | None, Query(description="Only what is in force on this day.")]

PUBLIC = {"x-scope": "public"}
WRITERS = {"x-scope": WRITE}
CHANGE: dict[str, Any] = {
    "responses": responses(400, 401, 403, 404, 409, 413, 422, 503),
    "openapi_extra": WRITERS,
}
READ: dict[str, Any] = {"responses": responses(401, 404, 422, 503), "openapi_extra": PUBLIC}


async def _filters(level: Level | None = None, province: Slug | None = None) -> Filters:
    return Filters(level, province)


@router.get("", operation_id="list_associations", **READ)
async def list_associations(
    request: Request,
    response: Response,
    page: Page,
    session: Session,
    wanted: Annotated[Filters, Depends(_filters)],
) -> PageBody[AssociationOut]:
    associations, following = await service.listing(session, wanted, page)
    link_next(request, response, following)
    items = [AssociationOut.model_validate(one) for one in associations]
    return PageBody[AssociationOut](items=items, next=following)


@router.post(
    "",
    operation_id="create_association",
    status_code=201,
    response_model=AssociationOut,
    responses=responses(400, 401, 403, 409, 413, 422, 503),
    openapi_extra=WRITERS,
)
async def create_association(
    body: NewAssociation, _: Writer, session: Session, now: Now, effect: Effect
) -> Response:
    return (await service.found(session, body, once=effect, now=now)).response()


@router.get("/{association_id}", operation_id="get_association", **READ)
async def get_association(association_id: UUID, session: Session) -> AssociationOut:
    return AssociationOut.model_validate(await repository.get(session, association_id))


@router.patch("/{association_id}", operation_id="change_association", **CHANGE)
async def change_association(
    association_id: UUID, body: AssociationChange, _: Writer, session: Session, now: Now
) -> AssociationOut:
    association = await service.change(session, association_id, body, now=now)
    return AssociationOut.model_validate(association)


@router.get("/{association_id}/members", operation_id="list_association_members", **READ)
async def list_association_members(
    association_id: UUID,
    request: Request,
    response: Response,
    page: Page,
    session: Session,
    on: On = None,
) -> PageBody[MembershipOut]:
    members, following = await service.members(session, association_id, on, page)
    link_next(request, response, following)
    items = [MembershipOut.model_validate(one) for one in members]
    return PageBody[MembershipOut](items=items, next=following)


@router.post(
    "/{association_id}/members",
    operation_id="add_association_member",
    status_code=201,
    response_model=MembershipOut,
    **CHANGE,
)
async def add_association_member(
    association_id: UUID,
    body: NewMembership,
    caller: Writer,
    session: Session,
    now: Now,
    effect: Effect,
) -> Response:
    answer = await service.join(session, association_id, body, caller=caller, once=effect, now=now)
    return answer.response()


@router.post(
    "/{association_id}/members/{membership_id}/end",
    operation_id="end_association_membership",
    response_model=MembershipOut,
    **CHANGE,
)
async def end_association_membership(
    association_id: UUID,
    membership_id: UUID,
    body: Ending,
    _: Writer,
    session: Session,
    now: Now,
    effect: Effect,
) -> Response:
    return await answer_once(
        session,
        effect,
        lambda: shown(
            MembershipOut, service.leave(session, association_id, membership_id, body, now=now)
        ),
        status=200,
    )


@router.get(
    "/{association_id}/representatives",
    operation_id="list_representatives",
    responses=responses(401, 403, 404, 422, 503),
    openapi_extra=WRITERS,
)
async def list_representatives(
    association_id: UUID,
    request: Request,
    response: Response,
    page: Page,
    session: Session,
    _: Writer,
    on: On = None,
) -> PageBody[RepresentativeFullOut]:
    found, following = await service.representatives(session, association_id, on, page)
    link_next(request, response, following)
    items = [RepresentativeFullOut.model_validate(one) for one in found]
    return PageBody[RepresentativeFullOut](items=items, next=following)


@router.post(
    "/{association_id}/representatives",
    operation_id="appoint_representative",
    status_code=201,
    response_model=RepresentativeOut,
    **CHANGE,
)
async def appoint_representative(
    association_id: UUID,
    body: NewRepresentative,
    caller: Writer,
    session: Session,
    now: Now,
    effect: Effect,
) -> Response:
    answer = await service.appoint(
        session, association_id, body, caller=caller, once=effect, now=now
    )
    return answer.response()


@router.post(
    "/{association_id}/representatives/{representative_id}/end",
    operation_id="end_representative",
    response_model=RepresentativeOut,
    **CHANGE,
)
async def end_representative(
    association_id: UUID,
    representative_id: UUID,
    body: Ending,
    _: Writer,
    session: Session,
    now: Now,
    effect: Effect,
) -> Response:
    return await answer_once(
        session,
        effect,
        lambda: shown(
            RepresentativeOut,
            service.dismiss(session, association_id, representative_id, body, now=now),
        ),
        status=200,
    )


@router.post(
    "/{association_id}/representatives/{representative_id}/erase",
    operation_id="erase_representative",
    responses=responses(401, 403, 404, 409, 413, 422, 503),
    openapi_extra=WRITERS,
)
async def erase_representative(
    association_id: UUID, representative_id: UUID, _: Writer, session: Session, now: Now
) -> RepresentativeOut:
    """Forget name and phone of one who served; that somebody did, and when, stays."""
    one = await service.erase(session, association_id, representative_id, now=now)
    return RepresentativeOut.model_validate(one)


@of_office.get("/{code}/membership", operation_id="get_office_membership", **READ)
async def get_office_membership(
    code: OfficeCode,
    session: Session,
    now: Now,
    on: Annotated[Day | None, Query(description="A day, Gregorian; today.")] = None,
) -> OfficeMembershipOut:
    return await service.of_office(session, code, on, now)

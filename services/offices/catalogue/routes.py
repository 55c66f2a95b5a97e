"""HTTP of the catalogue: principals, services, the rules of the kinds."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request, Response

from services.offices.catalogue import repository, service
from services.offices.catalogue.repository import Filters
from services.offices.catalogue.schemas import (
    BreachOut,
    End,
    NewPrice,
    NewPrincipal,
    NewRule,
    NewService,
    PrincipalChange,
    PrincipalOut,
    RuleOut,
    ServiceChange,
    ServiceCode,
    ServiceInFull,
    ServiceOut,
)
from services.offices.dependencies import (
    CATALOGUE,
    CatalogueWriter,
    Effect,
    Now,
    Page,
    Reporter,
    Session,
    answer_once,
    shown,
)
from services.offices.registry.domain import Kind
from services.offices.registry.schemas import Slug
from shared.errors import responses
from shared.fields import Day
from shared.pagination import PageBody, link_next
from shared.text import fold_search, text

principals = APIRouter(prefix="/v1/principals", tags=["catalogue"])
services = APIRouter(prefix="/v1/services", tags=["catalogue"])
rules = APIRouter(prefix="/v1/service-rules", tags=["catalogue"])

LIST: dict[str, Any] = {
    "responses": responses(401, 422, 503),
    "openapi_extra": {"x-scope": "public"},
}
GET: dict[str, Any] = {
    "responses": responses(401, 404, 422, 503),
    "openapi_extra": {"x-scope": "public"},
}
CREATE: dict[str, Any] = {
    "status_code": 201,
    "responses": responses(400, 401, 403, 409, 413, 422, 503),
    "openapi_extra": {"x-scope": CATALOGUE},
}
CHANGE: dict[str, Any] = {
    "responses": responses(400, 401, 403, 404, 409, 413, 422, 503),
    "openapi_extra": {"x-scope": CATALOGUE},
}


@principals.get("", operation_id="list_principals", **LIST)
async def list_principals(
    request: Request, response: Response, page: Page, session: Session
) -> PageBody[PrincipalOut]:
    found, following = await service.principals(session, page)
    link_next(request, response, following)
    return PageBody[PrincipalOut](
        items=[PrincipalOut.model_validate(row) for row in found], next=following
    )


@principals.post("", operation_id="create_principal", response_model=PrincipalOut, **CREATE)
async def create_principal(
    body: NewPrincipal,
    _: CatalogueWriter,
    session: Session,
    now: Now,
    effect: Effect,
) -> Response:
    return (await service.create_principal(session, body, once=effect, now=now)).response()


@principals.get("/{slug}", operation_id="get_principal", **GET)
async def get_principal(slug: Slug, session: Session) -> PrincipalOut:
    return PrincipalOut.model_validate(await repository.principal(session, slug))


@principals.patch("/{slug}", operation_id="change_principal", **CHANGE)
async def change_principal(
    slug: Slug, body: PrincipalChange, _: CatalogueWriter, session: Session, now: Now
) -> PrincipalOut:
    return PrincipalOut.model_validate(await service.change_principal(session, slug, body, now))


async def _filters(
    *,
    principal: Slug | None = None,
    delegated: Annotated[
        bool | None, Query(description="True: for a principal; false: the counter's own.")
    ] = None,
    electronic: bool | None = None,
    at_counter: bool | None = None,
    q: Annotated[
        str | None, text(1, 100), Query(description="Words of its name, however typed.")
    ] = None,
    valid_on: Day | None = None,
) -> Filters:
    words = None if q is None else fold_search(q)
    return Filters(principal, delegated, electronic, at_counter, words, valid_on)


@services.get("", operation_id="list_services", **LIST)
async def list_services(
    request: Request,
    response: Response,
    page: Page,
    session: Session,
    now: Now,
    wanted: Annotated[Filters, Depends(_filters)],
) -> PageBody[ServiceOut]:
    found, following = await service.services(session, wanted, page, now)
    link_next(request, response, following)
    return PageBody[ServiceOut](
        items=[ServiceOut.model_validate(row) for row in found], next=following
    )


@services.post("", operation_id="create_service", response_model=ServiceInFull, **CREATE)
async def create_service(
    body: NewService,
    _: CatalogueWriter,
    session: Session,
    now: Now,
    effect: Effect,
) -> Response:
    return (await service.create_service(session, body, once=effect, now=now)).response()


@services.get("/{code}", operation_id="get_service", **GET)
async def get_service(code: ServiceCode, session: Session, now: Now) -> ServiceInFull:
    """What it takes: the documents to bring, the fee of today, and every price there was."""
    return service.in_full(await repository.service(session, code), now)


@services.patch("/{code}", operation_id="change_service", **CHANGE)
async def change_service(
    code: ServiceCode, body: ServiceChange, _: CatalogueWriter, session: Session, now: Now
) -> ServiceInFull:
    return service.in_full(await service.change_service(session, code, body, now), now)


@services.post(
    "/{code}/prices", operation_id="add_service_price", response_model=ServiceInFull, **CHANGE
)
async def add_service_price(
    code: ServiceCode,
    body: NewPrice,
    _: CatalogueWriter,
    session: Session,
    now: Now,
    effect: Effect,
) -> Response:
    """A price from today or a later day on; sent again for a day to come, it replaces that."""
    return await answer_once(
        session, effect, lambda: service.add_price(session, code, body, now), status=200
    )


@rules.get("", operation_id="list_service_rules", **LIST)
async def list_service_rules(
    request: Request, response: Response, page: Page, session: Session, kind: Kind | None = None
) -> PageBody[RuleOut]:
    found, following = await service.rules(session, kind, page)
    link_next(request, response, following)
    return PageBody[RuleOut](items=[RuleOut.model_validate(row) for row in found], next=following)


@rules.post("", operation_id="create_service_rule", response_model=RuleOut, **CREATE)
async def create_service_rule(
    body: NewRule, _: CatalogueWriter, session: Session, now: Now, effect: Effect
) -> Response:
    return (await service.create_rule(session, body, once=effect, now=now)).response()


@rules.get(
    "/breaches",
    operation_id="list_rule_breaches",
    responses=responses(401, 403, 422, 503),
    openapi_extra={"x-scope": "reports:read"},
)
async def list_rule_breaches(
    request: Request, response: Response, page: Page, _: Reporter, session: Session, now: Now
) -> PageBody[BreachOut]:
    """Offices that fall below a rule today, and what of its set they do not offer."""
    found, following = await service.breaches(session, page, now)
    link_next(request, response, following)
    return PageBody[BreachOut](items=found, next=following)


@rules.get("/{rule_id}", operation_id="get_service_rule", **GET)
async def get_service_rule(rule_id: UUID, session: Session) -> RuleOut:
    return RuleOut.model_validate(await repository.rule(session, rule_id))


@rules.post("/{rule_id}/end", operation_id="end_service_rule", response_model=RuleOut, **CHANGE)
async def end_service_rule(
    rule_id: UUID, body: End, _: CatalogueWriter, session: Session, now: Now, effect: Effect
) -> Response:
    return await answer_once(
        session,
        effect,
        lambda: shown(RuleOut, service.end_rule(session, rule_id, body.on, now)),
        status=200,
    )

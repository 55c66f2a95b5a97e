"""HTTP of contracts."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request, Response

from services.offices.contracts import repository, service
from services.offices.contracts.domain import Product, Status
from services.offices.contracts.repository import Filters, Sort
from services.offices.contracts.schemas import (
    Amendment,
    CommissionOut,
    ContractNumber,
    ContractOut,
    NewContract,
    Party,
    PartyOut,
    Renewal,
    Termination,
    VersionOut,
)
from services.offices.dependencies import (
    LICENSING_READ,
    LICENSING_WRITE,
    Effect,
    LicensingReader,
    LicensingWriter,
    Now,
    Page,
    Session,
    answer_once,
    shown,
)
from services.offices.registry.domain import Kind
from services.offices.registry.schemas import Slug
from shared.calendar import tehran_date
from shared.errors import responses
from shared.fields import Day, OfficeCode
from shared.money import RIALS_MAX
from shared.pagination import PageBody, link_next

router = APIRouter(prefix="/v1/contracts", tags=["contracts"])

READ: dict[str, Any] = {
    "responses": responses(401, 403, 404, 422, 503),
    "openapi_extra": {"x-scope": LICENSING_READ},
}
CHANGE: dict[str, Any] = {
    "responses": responses(400, 401, 403, 404, 409, 413, 422, 503),
    "openapi_extra": {"x-scope": LICENSING_WRITE},
}


@router.post(
    "", operation_id="sign_contract", status_code=201, response_model=ContractOut, **CHANGE
)
async def sign_contract(
    body: NewContract, caller: LicensingWriter, session: Session, now: Now, effect: Effect
) -> Response:
    return (await service.sign(session, body, caller=caller, once=effect, now=now)).response()


async def _filters(
    now: Now,
    office: OfficeCode | None = None,
    kind: Kind | None = None,
    county: Slug | None = None,
    status: Status | None = None,
    expiring_before: Annotated[
        Day | None, Query(description="Active ones that end from today on, before this day.")
    ] = None,
) -> Filters:
    return Filters(tehran_date(now), office, kind, county, status, expiring_before)


@router.get(
    "",
    operation_id="list_contracts",
    responses=responses(401, 403, 422, 503),
    openapi_extra={"x-scope": LICENSING_READ},
)
async def list_contracts(
    *,
    request: Request,
    response: Response,
    page: Page,
    session: Session,
    _: LicensingReader,
    wanted: Annotated[Filters, Depends(_filters)],
    sort: Sort = "number",
) -> PageBody[ContractOut]:
    contracts, following = await service.listing(session, wanted, sort, page)
    link_next(request, response, following)
    items = [ContractOut.model_validate(contract) for contract in contracts]
    return PageBody[ContractOut](items=items, next=following)


@router.get("/{number}", operation_id="get_contract", **READ)
async def get_contract(number: ContractNumber, session: Session, _: LicensingReader) -> ContractOut:
    return ContractOut.model_validate(await repository.get(session, number))


@router.patch("/{number}", operation_id="amend_contract", **CHANGE)
async def amend_contract(
    number: ContractNumber, body: Amendment, caller: LicensingWriter, session: Session, now: Now
) -> ContractOut:
    contract = await service.amend(session, number, body, caller=caller, now=now)
    return ContractOut.model_validate(contract)


@router.post(
    "/{number}/terminate", operation_id="terminate_contract", response_model=ContractOut, **CHANGE
)
async def terminate_contract(
    number: ContractNumber,
    body: Termination,
    caller: LicensingWriter,
    session: Session,
    now: Now,
    effect: Effect,
) -> Response:
    return await answer_once(
        session,
        effect,
        lambda: shown(
            ContractOut, service.terminate(session, number, body, caller=caller, now=now)
        ),
        status=200,
    )


@router.post(
    "/{number}/renew",
    operation_id="renew_contract",
    status_code=201,
    response_model=ContractOut,
    **CHANGE,
)
async def renew_contract(
    *,
    number: ContractNumber,
    body: Renewal,
    caller: LicensingWriter,
    session: Session,
    now: Now,
    effect: Effect,
) -> Response:
    answer = await service.renew(session, number, body, caller=caller, once=effect, now=now)
    return answer.response()


@router.get("/{number}/versions", operation_id="list_contract_versions", **READ)
async def list_contract_versions(
    *,
    number: ContractNumber,
    request: Request,
    response: Response,
    page: Page,
    session: Session,
    _: LicensingReader,
) -> PageBody[VersionOut]:
    """Every version as it was left, the first first."""
    versions, following = await service.versions(session, number, page)
    link_next(request, response, following)
    items = [VersionOut.model_validate(version) for version in versions]
    return PageBody[VersionOut](items=items, next=following)


@router.get("/{number}/commission", operation_id="compute_commission", **READ)
async def compute_commission(
    *,
    number: ContractNumber,
    session: Session,
    _: LicensingReader,
    product: Product,
    price_rials: Annotated[int, Query(ge=0, le=RIALS_MAX)],
    on: Day,
) -> CommissionOut:
    """What the contract pays the office for one item accepted on a day."""
    found = await service.commission(session, number, product, price_rials, on)
    return CommissionOut.model_validate(found, from_attributes=True)


@router.get("/{number}/party", operation_id="get_contract_party", **READ)
async def get_contract_party(
    number: ContractNumber, session: Session, _: LicensingReader
) -> PartyOut:
    return PartyOut.model_validate(await service.party(session, number))


@router.put("/{number}/party", operation_id="set_contract_party", **CHANGE)
async def set_contract_party(
    number: ContractNumber, body: Party, caller: LicensingWriter, session: Session, now: Now
) -> PartyOut:
    party = await service.set_party(session, number, body, caller=caller, now=now)
    return PartyOut.model_validate(party)

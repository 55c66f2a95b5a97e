"""Use cases of Open311: file a case by a form, follow it by its number; who asks sees its state."""

import json
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, cast
from uuid import UUID, uuid4

from pydantic import ValidationError
from sqlalchemy.ext.asyncio import AsyncSession

from services.complaints.cases.domain import CaseId, parse_number
from services.complaints.clients import Sisters
from services.complaints.config import Settings
from services.complaints.filing import service as filing
from services.complaints.filing.schemas import CaseRequest
from services.complaints.open311 import domain, repository
from services.complaints.open311.domain import SERVICES, Service
from services.complaints.open311.errors import (
    JurisdictionUnknown,
    RequestUnknown,
    ServiceUnknown,
)
from services.complaints.open311.models import Contact, ServiceRequest
from services.complaints.open311.repository import Filter
from services.complaints.open311.schemas import (
    Created,
    DefinitionDocument,
    NewRequest,
    RequestDocument,
    ServiceDocument,
    TokenDocument,
)
from shared.auth import Caller
from shared.errors import Invalid

STAFF: Final = "complaints:read"
_NO_REQUEST: Final = "service_request_id provided was not found"


def _settings(session: AsyncSession) -> Settings:
    return cast("Settings", session.info["settings"])


def _check(session: AsyncSession, jurisdiction: str | None) -> None:
    """There is one; who names another meant somebody else."""
    if jurisdiction not in {None, _settings(session).jurisdiction}:
        raise JurisdictionUnknown("jurisdiction_id provided was not found")


def discovery(session: AsyncSession, base_url: str) -> dict[str, Any]:
    return domain.discovery(base_url, _settings(session).contact)


def services(session: AsyncSession, jurisdiction: str | None) -> list[ServiceDocument]:
    _check(session, jurisdiction)
    return [
        ServiceDocument.model_validate(domain.service_document(service))
        for service in SERVICES.values()
    ]


def definition(session: AsyncSession, code: str, jurisdiction: str | None) -> DefinitionDocument:
    _check(session, jurisdiction)
    return DefinitionDocument.model_validate(domain.definition(_service(code)))


def _service(code: str) -> Service:
    found = SERVICES.get(code)
    if found is None:
        raise ServiceUnknown("service_code provided was not found")
    return found


async def file(
    session: AsyncSession,
    sisters: Sisters,
    caller: Caller,
    form: NewRequest,
    key: str | None,
    now: datetime,
) -> list[Created]:
    """A case by its own rules; whereabouts and words are kept beside it, for staff."""
    _check(session, form.jurisdiction_id)
    body = _case(form, _service(form.service_code))
    answer = await filing.file(session, sisters, caller, body, key, now)
    filed = json.loads(answer.body)
    case_id = parse_number(filed["number"]).serial
    token = await repository.add(
        session,
        ServiceRequest(case_id=case_id, token=uuid4(), requested_at=now),
        Contact(
            case_id=case_id,
            description=form.description,
            email=form.email,
            address=form.address_string,
            latitude=form.lat,
            longitude=form.long,
            media_url=form.media_url,
        ),
    )
    notice = (
        f"شکایت شما با شمارهٔ {filed['number']} ثبت شد. رمز پیگیری و نوشتن پیام: {filed['secret']}"
    )
    created = Created(
        service_request_id=filed["number"],
        token=str(token),
        service_notice=notice,
        account_id=None,
    )
    return [created]


def _case(form: NewRequest, service: Service) -> CaseRequest:
    name, phone = form.person
    told = {
        "about": _about(form, service),
        "category": service.code,
        "text": form.description,
        "complainant": {
            "name": _needed(name, "attribute[name]"),
            "phone": _needed(phone, "attribute[phone]"),
        },
    }
    try:
        return CaseRequest.model_validate(told)
    except ValidationError as error:
        found = error.errors(include_url=False, include_input=False)[0]
        raise Invalid(f"{found['loc'][-1]}: {found['msg']}") from None


def _about(form: NewRequest, service: Service) -> dict[str, str]:
    office = form.office or form.address_id
    if form.barcode is not None:
        return {"kind": "parcel", "barcode": form.barcode}
    if service.about_parcel:
        return {"kind": "parcel", "barcode": _needed(None, "attribute[barcode]")}
    return {"kind": "office", "office": _needed(office, "attribute[barcode] or attribute[office]")}


def _needed(value: str | None, field: str) -> str:
    if value is None:
        raise Invalid(f"{field} was not provided")
    return value


@dataclass(frozen=True, slots=True)
class Asked:
    """What a list is asked for; comma-separated values are parted."""

    jurisdiction_id: str | None
    numbers: Collection[str] | None
    codes: Collection[str] | None
    statuses: Collection[str] | None
    start: datetime | None
    end: datetime | None
    cut: slice


async def requests(
    session: AsyncSession, asked: Asked, caller: Caller, now: datetime
) -> list[RequestDocument]:
    """The newest thousand at most; a page is cut out of these."""
    _check(session, asked.jurisdiction_id)
    span = domain.within(asked.start, asked.end, now)
    if span is None:
        raise Invalid("start_date, end_date: ask for at most ninety days, the first day first")
    if asked.statuses is not None and not {*asked.statuses} <= {"open", "closed"}:
        raise Invalid("status: open, closed, or both with a comma between")
    numbers = None if asked.numbers is None else [_number(text) for text in asked.numbers]
    wanted = Filter(numbers, asked.codes, asked.statuses, *span)
    found = await repository.newest(session, wanted, domain.REQUESTS_MAX)
    return [_document(one, caller) for one in found[asked.cut]]


async def request(
    session: AsyncSession, number: str, jurisdiction: str | None, caller: Caller
) -> list[RequestDocument]:
    _check(session, jurisdiction)
    found = await repository.find(session, _number(number))
    if found is None:
        raise RequestUnknown(_NO_REQUEST)
    return [_document(found, caller)]


async def token(
    session: AsyncSession, written: str, jurisdiction: str | None
) -> list[TokenDocument]:
    _check(session, jurisdiction)
    unknown = RequestUnknown("token provided was not found")
    try:
        found = await repository.by_token(session, UUID(written))
    except ValueError:
        raise unknown from None
    if found is None:
        raise unknown
    return [TokenDocument(service_request_id=found.case.number, token=str(found.token))]


def _number(text: str) -> CaseId:
    try:
        return parse_number(text)
    except ValueError:
        raise RequestUnknown(_NO_REQUEST) from None


def _document(found: ServiceRequest, caller: Caller) -> RequestDocument:
    case = found.case
    known = SERVICES.get(case.category)
    return RequestDocument.model_validate(
        {
            "service_request_id": case.number,
            "status": domain.status_of(case.status),
            "status_notes": domain.note_of(case.status),
            "service_name": known.name if known is not None else None,
            "service_code": case.category,
            "agency_responsible": None,
            "service_notice": None,
            "requested_datetime": found.requested_at,
            "updated_datetime": case.updated_at,
            "expected_datetime": None,
            "address_id": case.office,
            "zipcode": None,
            **_told(found.contact if STAFF in caller.scopes else None),
        }
    )


def _told(contact: Contact | None) -> dict[str, Any]:
    if contact is None:
        return dict.fromkeys(("description", "address", "lat", "long", "media_url"))
    return {
        "description": contact.description,
        "address": contact.address,
        "lat": contact.latitude,
        "long": contact.longitude,
        "media_url": contact.media_url,
    }

"""Use cases of HSDS: our registry told in its words. Reads only."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.offices.catalogue.models import Principal
from services.offices.hsds import domain, repository
from services.offices.hsds.domain import DEPTH_MAX, Slice, stable_id
from services.offices.hsds.repository import HOLDER, Done, DoneAt, Filters, Organ
from services.offices.hsds.schemas import (
    MinimalService,
    Numbered,
    Organization,
    OrganizationInFull,
    ServiceAtLocation,
    ServiceAtLocationFlat,
    ServiceFlat,
    ServiceInFull,
)
from services.offices.registry.models import Office
from shared.calendar import TEHRAN, Hours, tehran_date
from shared.errors import Invalid
from shared.text import persian_digits

AT_LOCATIONS_MAX: Final = 500
NOT_SERVED: Final = {
    "full": "ask for one by its id, which is told in full",
    "full_service": "ask for one by its id, which is told in full",
    "taxonomy_id": "nothing here is classified by a taxonomy",
    "taxonomy_term_id": "nothing here is classified by a taxonomy",
    "postcode": "use /v1/services/near",
    "proximity": "use /v1/services/near",
}
KINDS: Final = {
    "post_office": "دفتر پستی",
    "agency": "نمایندگی پستی",
    "pishkhan": "دفتر پیشخوان",
    "rural_ict": "دفتر ICT روستایی",
    "sorting_centre": "مرکز تجزیه و مبادلات",
    "subscriber_office": "دفتر امور مشترکین",
    "communication_office": "دفتر خدمات ارتباطی",
}


def check_served(asked: Iterable[str]) -> None:
    """Parameters of the standard that we have not are refused: ignored, they would mislead."""
    for name in asked:
        if name in NOT_SERVED:
            raise Invalid.field(f"query.{name}", f"not served: {NOT_SERVED[name]}")


def _check_depth(page: Slice) -> None:
    if page.too_deep:
        raise Invalid.field(
            "query.page",
            f"pages reach {DEPTH_MAX} rows deep: narrow the list with a filter",
        )


async def organizations(
    session: AsyncSession, words: str | None, page: Slice
) -> Numbered[Organization]:
    _check_depth(page)
    rows, total = await repository.organizations(session, words, page)
    contents = [_organ(row) for row in rows]
    return Numbered[Organization].model_validate(
        {**page.envelope(total, len(rows)), "contents": contents}
    )


async def organization(session: AsyncSession, id_: UUID, now: datetime) -> OrganizationInFull:
    day = tehran_date(now)
    found = await repository.organization(session, id_)
    services = await repository.services_of(session, found.key, day)
    return OrganizationInFull.model_validate(
        {**_organ(found), "services": [_service(done, day) for done in services]}
    )


async def services(
    session: AsyncSession, wanted: Filters, page: Slice, now: datetime
) -> Numbered[ServiceFlat]:
    _check_depth(page)
    rows, total = await repository.services(session, wanted, page)
    contents = [_service(done, tehran_date(now)) for done in rows]
    return Numbered[ServiceFlat].model_validate(
        {**page.envelope(total, len(rows)), "contents": contents}
    )


async def minimal_services(
    session: AsyncSession, wanted: Filters, page: Slice
) -> Numbered[MinimalService]:
    _check_depth(page)
    rows, total = await repository.services(session, wanted, page)
    contents = [
        {"id": stable_id("service", row.service.code), "modified_date": row.service.updated_at}
        for row in rows
    ]
    return Numbered[MinimalService].model_validate(
        {**page.envelope(total, len(rows)), "contents": contents}
    )


async def service(session: AsyncSession, id_: UUID, now: datetime) -> ServiceInFull:
    day = tehran_date(now)
    done = await repository.service(session, id_)
    places = await repository.offices_of(session, done.service.code, day, AT_LOCATIONS_MAX)
    clock = _Clock.at(now)
    return ServiceInFull.model_validate(
        {
            **_service_in_full(done, day),
            "service_at_locations": [_at_location(place, clock) for place in places],
        }
    )


async def at_locations(
    session: AsyncSession, wanted: Filters, page: Slice, now: datetime
) -> Numbered[ServiceAtLocationFlat]:
    _check_depth(page)
    day = tehran_date(now)
    rows, total = await repository.at_offices(session, wanted, day, page)
    contents = [
        {
            **_link(row),
            "service": _service(row.done, day),
            "location": _location(row.offering.host),
        }
        for row in rows
    ]
    return Numbered[ServiceAtLocationFlat].model_validate(
        {**page.envelope(total, len(rows)), "contents": contents}
    )


async def at_location(session: AsyncSession, id_: UUID, now: datetime) -> ServiceAtLocation:
    day = tehran_date(now)
    found = await repository.at_office(session, id_, day)
    return ServiceAtLocation.model_validate(
        {
            **_at_location(found, _Clock.at(now)),
            "service": _service_in_full(found.done, day),
        }
    )


@dataclass(frozen=True, slots=True)
class _Clock:
    """Tehran's offset from UTC now, in which hours are told."""

    offset: timedelta

    @classmethod
    def at(cls, now: datetime) -> "_Clock":
        return cls(now.astimezone(TEHRAN).utcoffset() or timedelta())


def _organ(organ: Organ) -> dict[str, Any]:
    does = "خدمات {} که در دفترها انجام می‌شود" if organ.is_principal else "{}، دارندهٔ دفتر"
    return {
        "id": stable_id("organization", organ.key),
        "name": organ.name,
        "alternate_name": organ.name_en,
        "description": does.format(organ.name),
    }


def _organization(principal: Principal) -> dict[str, Any]:
    return _organ(Organ(principal.slug, principal.name, principal.name_en))


def _service(done: Done, day: date) -> dict[str, Any]:
    row = done.service
    minutes = persian_digits(str(row.duration_minutes))
    return {
        "id": stable_id("service", row.code),
        "organization_id": stable_id("organization", row.principal),
        "name": row.name,
        "alternate_name": row.name_en,
        "description": f"خدمت {done.principal.name}، حدود {minutes} دقیقه",
        "status": domain.status_on(day, row.valid_from, row.valid_until),
        "application_process": "، ".join(
            words
            for words, so in (("در دفتر", row.at_counter), ("الکترونیکی", row.electronic))
            if so
        ),
        "last_modified": row.updated_at,
    }


def _service_in_full(done: Done, day: date) -> dict[str, Any]:
    row = done.service
    id_ = stable_id("service", row.code)
    ends = domain.until_next([price.valid_from for price in row.prices])
    return {
        **_service(done, day),
        "organization": _organization(done.principal),
        "cost_options": [
            {
                "id": stable_id("cost_option", f"{row.code}/{price.valid_from}"),
                "service_id": id_,
                "valid_from": price.valid_from,
                "valid_to": end,
                "currency": "IRR",
                "amount": price.fee_rials,
            }
            for price, end in zip(row.prices, ends, strict=True)
        ],
        "required_documents": [
            {
                "id": stable_id("required_document", f"{row.code}/{document}"),
                "service_id": id_,
                "document": document,
            }
            for document in row.documents
        ],
    }


def _link(row: DoneAt) -> dict[str, Any]:
    return {
        "id": row.offering.id,
        "service_id": stable_id("service", row.offering.service),
        "location_id": stable_id("location", row.offering.host.code),
    }


def _at_location(row: DoneAt, clock: _Clock) -> dict[str, Any]:
    office, offering = row.offering.host, row.offering
    key = str(offering.id)
    bound = {
        "location_id": None,
        "service_at_location_id": offering.id,
        "valid_from": offering.valid_from,
        "valid_to": offering.valid_until,
    }
    return {
        **_link(row),
        "location": _location_in_full(office, clock),
        "schedules": _schedules(office, clock, key, bound),
    }


def _location(office: Office) -> dict[str, Any]:
    return {
        "id": stable_id("location", office.code),
        "location_type": "physical",
        "organization_id": _holder(office),
        "name": office.name,
        "description": f"{KINDS[office.kind]} در {office.town_name}",
        "latitude": office.latitude,
        "longitude": office.longitude,
        "external_identifier": office.code,
        "external_identifier_type": "office code",
    }


def _holder(office: Office) -> UUID | None:
    """The company that holds it; a person is nobody's business."""
    if office.owner_kind != "company" or office.owner_name is None:
        return None
    return stable_id("organization", f"{HOLDER}{office.owner_name}")


def _location_in_full(office: Office, clock: _Clock) -> dict[str, Any]:
    id_ = stable_id("location", office.code)
    always = {
        "location_id": id_,
        "service_at_location_id": None,
        "valid_from": None,
        "valid_to": None,
    }
    return {
        **_location(office),
        "addresses": [
            {
                "id": stable_id("address", office.code),
                "location_id": id_,
                "address_1": office.address,
                "city": office.town_name,
                "region": office.county,
                "state_province": office.province,
                "postal_code": office.postal_code,
                "country": "IR",
                "address_type": "physical",
            }
        ],
        "schedules": _schedules(office, clock, office.code, always),
    }


def _schedules(
    office: Office, clock: _Clock, key: str, bound: dict[str, Any]
) -> list[dict[str, Any]]:
    hours = Hours.model_validate(office.hours)
    return [
        {
            **bound,
            **recurrence,
            "id": stable_id("schedule", f"{key}/{recurrence['opens_at'][:5]}"),
        }
        for recurrence in domain.weekly(hours, clock.offset)
    ]

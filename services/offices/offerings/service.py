"""Use cases of offerings: which office does what from when to when, and who near here does it."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.offices.catalogue import domain as catalogue_domain
from services.offices.catalogue import repository as catalogue_rows
from services.offices.catalogue import service as catalogue
from services.offices.catalogue.domain import Offer, Span
from services.offices.catalogue.errors import UnknownService
from services.offices.catalogue.models import DelegatedService, Offering
from services.offices.dependencies import Desk
from services.offices.events import offering_event
from services.offices.offerings import domain, repository
from services.offices.offerings.errors import (
    AlreadyOffered,
    OfferingNotFound,
    ServiceNotInForce,
)
from services.offices.offerings.schemas import NewOffering, OfferingOut, Replacement
from services.offices.registry import domain as registry_domain
from services.offices.registry import repository as registry_rows
from services.offices.registry import service as registry
from services.offices.registry.models import Office
from services.offices.search import service as search
from services.offices.search.schemas import NearQuery
from shared import idempotency, outbox, pagination
from shared.calendar import tehran_date
from shared.errors import Invalid
from shared.idempotency import Answer, Once
from shared.pagination import Page

STARTED: Final = "offering.started"
CHANGED: Final = "offering.changed"
WITHDRAWN: Final = "offering.withdrawn"


async def start(
    session: AsyncSession, code: str, wanted: NewOffering, *, once: Once | None, now: datetime
) -> Answer:
    """Adds to what an office offers, which never breaks a rule."""

    async def make() -> tuple[str, OfferingOut]:
        office = await _lock_open(session, code)
        first = wanted.valid_from or tehran_date(now)
        catalogue_domain.check_span(first, wanted.valid_until)
        found = await _known(session, [wanted.service])
        _check_in_force(found.values(), first)
        span = Span(first, wanted.valid_until)
        _check_free(await repository.of_office(session, office.id), wanted.service, span)
        made = _offering(office, found[wanted.service], span, now)
        session.add(made)
        await _tell(session, STARTED, [made], now)
        return f"/v1/offices/{code}/offerings", OfferingOut.model_validate(made)

    return await idempotency.created(session, once, make)


async def end(
    session: AsyncSession, code: str, offering_id: UUID, on: date, now: datetime
) -> Offering:
    """`on` is the last day; refused where a rule asks for more than is left."""
    office = await _lock(session, code)
    rows = await repository.of_office(session, office.id)
    row = next((row for row in rows if row.id == offering_id), None)
    if row is None:
        raise OfferingNotFound(f"{code} has no offering {offering_id}")
    before = offers(rows)
    _ends(row, catalogue_domain.ended(Span(row.valid_from, row.valid_until), on).last, now)
    if office.status != "closed":
        await catalogue.check_change(session, office.kind, before, offers(rows))
    await _tell(session, CHANGED, [row], now)
    return row


async def replace(
    session: AsyncSession, code: str, wanted: Replacement, now: datetime
) -> list[Offering]:
    """From a day on exactly these services; what is offered from that day is answered."""
    today = tehran_date(now)
    on = wanted.valid_from or today
    if on < today:
        raise Invalid.field("body.valid_from", "what was offered on past days is not replaced")
    office = await _lock_open(session, code)
    rows = await repository.of_office(session, office.id)
    before = offers(rows)
    plan = domain.replace(rows, wanted.services, on)
    found = await _known(session, plan.start)
    _check_in_force(found.values(), on)
    started = [_offering(office, found[service], Span(on), now) for service in plan.start]
    for row, until in plan.until:
        _ends(row, until, now)
    gone = {row.id for row in plan.withdraw}
    kept = [*(row for row in rows if row.id not in gone), *started]
    with session.no_autoflush:
        await catalogue.check_change(session, office.kind, before, offers(kept))
        await repository.withdraw(session, gone)  # before what takes its days
    session.add_all(started)
    await _tell(session, WITHDRAWN, plan.withdraw, now)
    await _tell(session, CHANGED, [row for row, _ in plan.until], now)
    await _tell(session, STARTED, started, now)
    left = [row for row in kept if on in Span(row.valid_from, row.valid_until)]
    return sorted(left, key=lambda row: row.service)


async def _lock(session: AsyncSession, code: str) -> Office:
    return registry.existing(await registry_rows.lock(session, [code]), code)


async def _lock_open(session: AsyncSession, code: str) -> Office:
    """Refused where the office is closed for good: it offers nothing new."""
    office = await _lock(session, code)
    registry_domain.check_open(office.status)
    return office


async def _known(session: AsyncSession, codes: Sequence[str]) -> dict[str, DelegatedService]:
    found = await repository.services(session, codes)
    if unknown := sorted(set(codes) - found.keys()):
        raise UnknownService(f"the catalogue has no {', '.join(unknown)}; see /v1/services")
    return found


def _check_in_force(found: Iterable[DelegatedService], day: date) -> None:
    for service in found:
        if day not in Span(service.valid_from, service.valid_until):
            raise ServiceNotInForce(
                f"{service.code} is valid from {service.valid_from} to"
                f" {service.valid_until or 'no set day'}, which {day} is not within"
            )


def _check_free(rows: Iterable[Offering], service: str, span: Span) -> None:
    for row in rows:
        if row.service == service and span.common(Span(row.valid_from, row.valid_until)):
            raise AlreadyOffered(
                f"{service} is offered from {row.valid_from} to {row.valid_until or 'no set day'}"
            )


def _offering(office: Office, service: DelegatedService, span: Span, now: datetime) -> Offering:
    return Offering(
        host=office,
        offered=service,
        service=service.code,
        valid_from=span.first,
        valid_until=span.last,
        version=1,
        created_at=now,
        updated_at=now,
    )


def _ends(row: Offering, until: date | None, now: datetime) -> None:
    row.valid_until = until
    row.version += 1
    row.updated_at = now


def offers(rows: Iterable[Offering]) -> list[Offer]:
    """The days on which each is offered and its service valid."""
    spans = (
        (
            row.service,
            Span(row.valid_from, row.valid_until).common(
                Span(row.offered.valid_from, row.offered.valid_until)
            ),
        )
        for row in rows
    )
    return [Offer(service, span) for service, span in spans if span is not None]


async def _tell(session: AsyncSession, event: str, rows: Sequence[Offering], now: datetime) -> None:
    await session.flush()
    if rows:
        code = rows[0].office
        await outbox.append(session, event, offering_event(rows), time=now, subject=code)


async def listing(
    session: AsyncSession, code: str, valid_on: date | None, page: Page
) -> tuple[list[Offering], str | None]:
    """An office's offerings as they were recorded."""
    office = await registry_rows.get(session, code)
    rows = await repository.listing(
        session, office.id, valid_on=valid_on, after=page.after_uuid(), limit=page.limit + 1
    )
    return pagination.cut(rows, page, lambda row: [str(row.id)])


async def check_conversion(session: AsyncSession, office: Office, kind: str, on: date) -> None:
    """RuleBroken if the office, as an office of `kind`, would offer too little on that day."""
    offered = await repository.offered(session, office.id, on)
    await catalogue.check_rules(session, kind, offered, on)


async def near(session: AsyncSession, desk: Desk, asked: NearQuery) -> dict[str, Any]:
    """What the service takes, and the nearest active offices that do it today."""
    wanted = await catalogue_rows.service(session, asked.service or "")
    return {
        "service": catalogue.in_full(wanted, desk.now),
        "items": await search.near(desk, asked),
    }

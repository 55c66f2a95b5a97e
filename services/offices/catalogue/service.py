"""Use cases of the catalogue: principals, services and their prices, the rules of the kinds."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.offices.catalogue import domain, repository
from services.offices.catalogue.domain import Offer, Rule, Span
from services.offices.catalogue.errors import (
    NowhereDone,
    PriceInForce,
    PrincipalNotFound,
    UnknownPrincipal,
    UnknownService,
)
from services.offices.catalogue.models import (
    DelegatedService,
    KindRule,
    Principal,
    ServicePrice,
)
from services.offices.catalogue.repository import Filters
from services.offices.catalogue.schemas import (
    BreachOut,
    NewPrice,
    NewPrincipal,
    NewRule,
    NewService,
    PrincipalChange,
    PrincipalOut,
    RuleOut,
    ServiceChange,
    ServiceInFull,
)
from services.offices.events import principal_event, rule_event, service_event
from shared import idempotency, outbox, pagination
from shared.calendar import tehran_date
from shared.clock import Clock, world_now
from shared.database import Database
from shared.idempotency import Answer, Once
from shared.pagination import Page, not_a_cursor
from shared.text import fold_search

TOLD_MAX: Final = 500
"""Offices in one event of broken or mended rules."""
_FIRST: Final = (-1, UUID(int=0))


async def create_principal(
    session: AsyncSession, wanted: NewPrincipal, *, once: Once | None, now: datetime
) -> Answer:
    async def make() -> tuple[str, PrincipalOut]:
        row = {**wanted.model_dump(), "version": 1, "created_at": now, "updated_at": now}
        made = await repository.add_principal(session, row)
        await _tell_principal(session, "principal.created", made, now)
        return f"/v1/principals/{made.slug}", PrincipalOut.model_validate(made)

    return await idempotency.created(session, once, make)


async def change_principal(
    session: AsyncSession, slug: str, wanted: PrincipalChange, now: datetime
) -> Principal:
    found = await repository.principal(session, slug, lock=True)
    if _apply(found, wanted.changes(), now):
        for service in await repository.services_of(session, slug):
            service.search_text = _searched(service, found)
        await _tell_principal(session, "principal.changed", found, now)
    return found


def _apply(row: Principal | DelegatedService, changes: Mapping[str, Any], now: datetime) -> bool:
    """Set what differs, as the row's next version; whether anything did."""
    differing = {name: value for name, value in changes.items() if getattr(row, name) != value}
    for name, value in differing.items():
        setattr(row, name, value)
    if differing:
        row.version += 1
        row.updated_at = now
    return bool(differing)


async def _tell_principal(
    session: AsyncSession, event: str, found: Principal, now: datetime
) -> None:
    await session.flush()
    await outbox.append(session, event, principal_event(found), time=now, subject=found.slug)


async def principals(session: AsyncSession, page: Page) -> tuple[list[Principal], str | None]:
    rows = await repository.principals(session, page.after_text(), page.limit + 1)
    return pagination.cut(rows, page, lambda row: [row.slug])


async def create_service(
    session: AsyncSession, wanted: NewService, *, once: Once | None, now: datetime
) -> Answer:
    async def make() -> tuple[str, ServiceInFull]:
        made = await _new_service(session, wanted, now)
        return f"/v1/services/{made.code}", in_full(made, now)

    return await idempotency.created(session, once, make)


async def _new_service(
    session: AsyncSession, wanted: NewService, now: datetime
) -> DelegatedService:
    domain.check_span(wanted.valid_from, wanted.valid_until)
    _check_done_somewhere(electronic=wanted.electronic, at_counter=wanted.at_counter)
    try:
        principal = await repository.principal(session, wanted.principal, lock=True)
    except PrincipalNotFound as missing:
        raise UnknownPrincipal(f"principal: {missing.detail}; see /v1/principals") from None
    row, price = new_service(wanted, principal, now)
    await repository.add_service(session, row, price)
    made = await repository.service(session, wanted.code)
    await _tell_service(session, "service.created", made, now)
    return made


def new_service(
    wanted: NewService, principal: Principal, now: datetime
) -> tuple[dict[str, Any], ServicePrice]:
    """The row of a new service and its first price."""
    row = wanted.model_dump(exclude={"fee_rials", "office_share_rials"})
    price = ServicePrice(
        service=wanted.code,
        valid_from=wanted.valid_from,
        fee_rials=wanted.fee_rials,
        office_share_rials=wanted.office_share_rials,
    )
    row |= {"search_text": _searched(wanted, principal)}
    return {**row, "version": 1, "created_at": now, "updated_at": now}, price


def _searched(of: NewService | DelegatedService, principal: Principal) -> str:
    """What a search for the service looks in."""
    return fold_search(f"{of.name} {principal.name} {of.name_en} {principal.name_en} {of.code}")


def _check_done_somewhere(*, electronic: bool, at_counter: bool) -> None:
    if not (electronic or at_counter):
        raise NowhereDone("electronic, at_counter: at least one of them must be true")


async def change_service(
    session: AsyncSession, code: str, wanted: ServiceChange, now: datetime
) -> DelegatedService:
    found = await repository.service(session, code, lock=True)
    if not _apply(found, wanted.changes(), now):
        return found
    domain.check_span(found.valid_from, found.valid_until)
    _check_done_somewhere(electronic=found.electronic, at_counter=found.at_counter)
    principal = await repository.principal(session, found.principal)
    found.search_text = _searched(found, principal)
    await _tell_service(session, "service.changed", found, now)
    return found


async def add_price(
    session: AsyncSession, code: str, wanted: NewPrice, now: datetime
) -> ServiceInFull:
    """A price for days to come, or the first for today; what a day cost never changes."""
    found = await repository.service(session, code, lock=True)
    today = tehran_date(now)
    dated = any(price.valid_from == wanted.valid_from for price in found.prices)
    if wanted.valid_from < today or (dated and wanted.valid_from == today):
        raise PriceInForce(f"valid_from: {wanted.valid_from} is priced; choose a later day")
    await repository.put_price(session, code, wanted.model_dump())
    found = await repository.service(session, code)
    found.version += 1
    found.updated_at = now
    await _tell_service(session, "service.changed", found, now)
    return in_full(found, now)


async def _tell_service(
    session: AsyncSession, event: str, found: DelegatedService, now: datetime
) -> None:
    await session.flush()
    await outbox.append(session, event, service_event(found), time=now, subject=found.code)


async def services(
    session: AsyncSession, wanted: Filters, page: Page, now: datetime
) -> tuple[list[ServiceInFull], str | None]:
    rows = await repository.services(session, wanted, page.after_text(), page.limit + 1)
    shown, following = pagination.cut(rows, page, lambda row: [row.code])
    return [in_full(row, now) for row in shown], following


def in_full(found: DelegatedService, now: datetime) -> ServiceInFull:
    """A service with the fee and share of today."""
    price = domain.price_on(found.prices, tehran_date(now))
    today = {"fee_rials": price.fee_rials, "office_share_rials": price.office_share_rials}
    kept = ServiceInFull.model_fields.keys() - today.keys()
    return ServiceInFull.model_validate({name: getattr(found, name) for name in kept} | today)


async def create_rule(
    session: AsyncSession, wanted: NewRule, *, once: Once | None, now: datetime
) -> Answer:
    """Offices that are below it now stay so, and are reported."""

    async def make() -> tuple[str, RuleOut]:
        domain.check_span(wanted.valid_from, wanted.valid_until)
        if unknown := await repository.unknown_services(session, wanted.services):
            raise UnknownService(f"services: the catalogue has no {', '.join(unknown)}")
        made = KindRule(**wanted.model_dump(), version=1, created_at=now, updated_at=now)
        session.add(made)
        await _tell_rule(session, "service_rule.created", made, now)
        return f"/v1/service-rules/{made.id}", RuleOut.model_validate(made)

    return await idempotency.created(session, once, make)


async def end_rule(session: AsyncSession, rule_id: UUID, on: date, now: datetime) -> KindRule:
    found = await repository.rule(session, rule_id, lock=True)
    found.valid_until = domain.ended(Span(found.valid_from, found.valid_until), on).last
    found.version += 1
    found.updated_at = now
    await _tell_rule(session, "service_rule.ended", found, now)
    return found


async def _tell_rule(session: AsyncSession, event: str, found: KindRule, now: datetime) -> None:
    await session.flush()
    await outbox.append(session, event, rule_event(found), time=now, subject=str(found.id))


async def rules(
    session: AsyncSession, kind: str | None, page: Page
) -> tuple[list[KindRule], str | None]:
    rows = await repository.rules(session, kind, page.after_uuid(), page.limit + 1)
    return pagination.cut(rows, page, lambda row: [str(row.id)])


async def check_rules(
    session: AsyncSession, kind: str, services: Collection[str], on: date
) -> None:
    """RuleBroken if an office of this kind with these services fell below a rule on that day."""
    domain.check_offered(await _rules(session, kind), services, on)


async def check_change(
    session: AsyncSession, kind: str, before: Sequence[Offer], after: Sequence[Offer]
) -> None:
    """RuleBroken if a change of what an office of this kind offers takes it below a rule."""
    domain.check_change(await _rules(session, kind), before, after)


async def _rules(session: AsyncSession, kind: str) -> list[Rule]:
    return [
        Rule(
            name=row.name,
            source=row.source,
            services=frozenset(row.services),
            at_least=row.at_least,
            span=Span(row.valid_from, row.valid_until),
        )
        for row in await repository.rules_of_kind(session, kind)
    ]


async def breaches(
    session: AsyncSession, page: Page, now: datetime
) -> tuple[list[BreachOut], str | None]:
    """Offices that fall below a rule today."""
    after = _after_breach(page)
    rows = await repository.breaches(session, tehran_date(now), after, page.limit + 1)
    shown, following = pagination.cut(rows, page, lambda row: [row["office_id"], str(row["rule"])])
    return [_breach(row) for row in shown], following


def _after_breach(page: Page) -> tuple[int, UUID]:
    match page.after:
        case None:
            return _FIRST
        case [int(number), str(rule)] if 0 <= number <= 99_999:
            try:
                return number, UUID(rule)
            except ValueError:
                raise not_a_cursor() from None
        case _:
            raise not_a_cursor()


def _breach(row: Mapping[str, Any]) -> BreachOut:
    missing = [code for code in row["services"] if code not in row["offered"]]
    lacking = row["at_least"] - len(row["offered"])
    return BreachOut.model_validate({**row, "not_offered": missing, "lacking": lacking})


async def watch_rules(database: Database, clock: Clock) -> None:
    """Tell once of each office that fell below a rule or came back, by the world's clock."""
    more = True
    while more:
        async with database.transaction() as session:
            more = await _tell_breaches(session, await world_now(session, clock))


async def _tell_breaches(session: AsyncSession, now: datetime) -> bool:
    """Whether more may be left."""
    day = tehran_date(now)
    broken = await repository.newly_broken(session, day, now, TOLD_MAX)
    mended = await repository.newly_mended(session, day, now, TOLD_MAX)
    if broken:
        items = [_breach(row).model_dump(mode="json") for row in broken]
        await outbox.append(session, "service_rule.broken", {"items": items}, time=now)
    if mended:
        items = [{**row, "rule": str(row["rule"])} for row in mended]
        await outbox.append(session, "service_rule.mended", {"items": items}, time=now)
    return TOLD_MAX in {len(broken), len(mended)}

"""Use cases of an office's history: conversion, relocation, transfer, closing; now or planned."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final, assert_never
from uuid import UUID, uuid4

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from services.offices.events import OfficePlanEventType, plan_event
from services.offices.history import domain, repository
from services.offices.history.domain import Change
from services.offices.history.errors import ChangePlanned, PlanNotFound
from services.offices.history.models import OfficeAddress, OfficeOwner, OfficePlan
from services.offices.history.schemas import Conversion, Relocation, Transfer
from services.offices.offerings import service as offerings
from services.offices.registry import domain as offices
from services.offices.registry import repository as registry_rows
from services.offices.registry import service as registry
from services.offices.registry.domain import KindPeriod
from services.offices.registry.errors import SortingCentreInUse
from services.offices.registry.models import Office, OfficeKindPeriod, OwnerPerson
from shared import outbox
from shared.auth import Caller
from shared.calendar import tehran_date
from shared.clock import Clock, world_now
from shared.database import Database
from shared.errors import Problem

log = structlog.get_logger(__name__)

DUE_MAX: Final = 100
_PLACE: Final = ("town", "address", "postal_code", "latitude", "longitude")


@dataclass(frozen=True, slots=True)
class Changed:
    office: Office
    planned_for: date | None


async def convert(
    session: AsyncSession, code: str, wanted: Conversion, *, caller: Caller, now: datetime
) -> Changed:
    office = await _locked(session, code, "conversion")
    domain.check_since(wanted.on, office.kind_since, office.founded_on)
    domain.check_conversion(office.kind, wanted.kind)
    await offerings.check_conversion(session, office, wanted.kind, wanted.on)
    return await _decide(session, office, "conversion", wanted, caller, now)


async def relocate(
    session: AsyncSession, code: str, wanted: Relocation, *, caller: Caller, now: datetime
) -> Changed:
    await registry_rows.town(session, wanted.town)
    office = await _locked(session, code, "relocation")
    domain.check_since(wanted.on, office.address_since, office.founded_on)
    return await _decide(session, office, "relocation", wanted, caller, now)


async def transfer(
    session: AsyncSession, code: str, wanted: Transfer, *, caller: Caller, now: datetime
) -> Changed:
    office = await _locked(session, code, "transfer")
    domain.check_since(wanted.on, office.owner_since, office.founded_on)
    return await _decide(session, office, "transfer", wanted, caller, now)


async def close(
    session: AsyncSession, code: str, reason: str, *, caller: Caller, now: datetime
) -> Office:
    """For good; what was planned for the office is dropped."""
    office = registry.existing(await registry_rows.lock(session, [code]), code)
    status = offices.closed(office.status)
    if await registry_rows.sorts_for_others(session, office.code):
        raise SortingCentreInUse("assign its offices to another sorting centre first")
    for plan in await repository.plans(session, office):
        await _drop(session, office, plan, "office_plan.dropped", now)
    office.status = status
    return await registry.status_changed(session, "office.closed", office, reason, caller, now)


async def cancel_plan(session: AsyncSession, code: str, change: Change, *, now: datetime) -> None:
    office = registry.existing(await registry_rows.lock(session, [code]), code)
    plan = await repository.plan(session, office, change)
    if plan is None:
        raise PlanNotFound(f"no {change} of {code} is planned")
    await _drop(session, office, plan, "office_plan.cancelled", now)


async def _locked(session: AsyncSession, code: str, change: Change) -> Office:
    """The office, for which no such change is waiting."""
    office = registry.existing(await registry_rows.lock(session, [code]), code)
    offices.check_open(office.status)
    waiting = await repository.plan(session, office, change)
    if waiting is not None:
        raise ChangePlanned(
            f"a {change} of {code} is planned for {waiting.due_on}: cancel that plan first"
        )
    return office


async def _decide(
    session: AsyncSession,
    office: Office,
    change: Change,
    wanted: Conversion | Relocation | Transfer,
    caller: Caller,
    now: datetime,
) -> Changed:
    """Carry the change out if its day has come, else write it down for that day."""
    plan = OfficePlan(
        office_id=office.id,
        change=change,
        due_on=wanted.on,
        details=_details(session, office, wanted),
        planned_by=caller.id,
        planned_at=now,
    )
    if plan.due_on <= tehran_date(now):
        await _carry_out(session, office, plan, now)
        return Changed(office, None)
    session.add(plan)
    await _tell(session, "office_plan.made", office, plan, now)
    return Changed(office, plan.due_on)


def _details(
    session: AsyncSession, office: Office, wanted: Conversion | Relocation | Transfer
) -> dict[str, Any]:
    """What is to be so, without names of people: theirs have a table of their own."""
    details = wanted.model_dump(mode="json", exclude={"on"})
    if isinstance(wanted, Transfer) and wanted.owner.kind == "person":
        person = OwnerPerson(id=uuid4(), office_id=office.id, name=wanted.owner.name)
        session.add(person)
        details["owner"] = {"kind": "person", "name": None, "person": str(person.id)}
    return details


async def _carry_out(
    session: AsyncSession, office: Office, plan: OfficePlan, now: datetime
) -> None:
    """What was so until the day before goes to the past; refuses before it changes anything."""
    offices.check_open(office.status)
    match plan.change:
        case "conversion":
            # what it offers may have changed since the plan was made
            await offerings.check_conversion(session, office, plan.details["kind"], plan.due_on)
            _convert(session, office, plan, now)
            await registry.save(session, "office.converted", office, now)
        case "relocation":
            await _relocate(session, office, plan, now)
            await registry.save(session, "office.relocated", office, now)
        case "transfer":
            _transfer(session, office, plan, now)
            await registry.save(session, "office.transferred", office, now)
        case _:
            assert_never(plan.change)


def _convert(session: AsyncSession, office: Office, plan: OfficePlan, now: datetime) -> None:
    domain.check_conversion(office.kind, plan.details["kind"])
    past = KindPeriod(office.kind, office.kind_since, plan.due_on - registry.DAY)
    reference = plan.details["reference"]
    registry.remember_kind(session, office, past, reference, caller=plan.planned_by, now=now)
    office.kind = plan.details["kind"]


async def _relocate(session: AsyncSession, office: Office, plan: OfficePlan, now: datetime) -> None:
    before = {name: getattr(office, name) for name in _PLACE}
    session.add(
        OfficeAddress(
            **before,
            **_past(office, plan, office.address_since, now),
            reason=plan.details["reason"],
        )
    )
    for name in _PLACE:
        setattr(office, name, plan.details[name])
    office.place = await registry_rows.town(session, office.town)
    office.address_since = plan.due_on


def _transfer(session: AsyncSession, office: Office, plan: OfficePlan, now: datetime) -> None:
    if office.owner_kind is not None:
        session.add(
            OfficeOwner(
                **_past(office, plan, office.owner_since, now),
                owner_kind=office.owner_kind,
                name=office.owner_name,
                person=office.owner_person,
                reference=plan.details["reference"],
            )
        )
    owner = plan.details["owner"]
    office.owner_kind, office.owner_name = owner["kind"], owner["name"]
    office.owner_person = _person(plan)
    office.owner_since = plan.due_on


def _past(office: Office, plan: OfficePlan, since: date | None, now: datetime) -> Mapping[str, Any]:
    """What every period that ends with the plan's day has."""
    return {
        "office_id": office.id,
        "valid_from": since,
        "valid_until": plan.due_on - registry.DAY,
        "recorded_by": plan.planned_by,
        "recorded_at": now,
    }


def _person(plan: OfficePlan) -> UUID | None:
    person = plan.details.get("owner", {}).get("person")
    return person and UUID(person)


async def _drop(
    session: AsyncSession,
    office: Office,
    plan: OfficePlan,
    event: OfficePlanEventType,
    now: datetime,
) -> None:
    """The plan is gone, and with it the name of the person who was to hold the office."""
    person = _person(plan)
    if person is not None:
        await registry_rows.forget_person(session, person)
    await session.delete(plan)
    await _tell(session, event, office, plan, now)


async def _tell(
    session: AsyncSession,
    event: OfficePlanEventType,
    office: Office,
    plan: OfficePlan,
    now: datetime,
) -> None:
    await session.flush()
    data = plan_event(office.code, plan.change, plan.due_on, public(plan))
    await outbox.append(session, event, data, time=now, subject=office.code)


def public(plan: OfficePlan) -> dict[str, Any]:
    """A plan's details without the key to a person's name."""
    owner = plan.details.get("owner")
    if owner is None:
        return plan.details
    return plan.details | {"owner": {"kind": owner["kind"], "name": owner["name"]}}


async def carry_out_due(database: Database, clock: Clock) -> int:
    """Carry out the plans whose day has come by the world's clock, each in its transaction.

    A plan that has become impossible is dropped, with its event. How many were carried out.
    """
    done = 0
    while True:
        async with database.transaction() as session:
            now = await world_now(session, clock)
            due = await repository.due(session, tehran_date(now), DUE_MAX)
        for code, change in due:
            async with database.transaction() as session:
                done += await _carry_out_planned(session, code, change, now)
        if len(due) < DUE_MAX:
            return done


async def _carry_out_planned(
    session: AsyncSession, code: str, change: Change, now: datetime
) -> bool:
    office = registry.existing(await registry_rows.lock(session, [code]), code)
    plan = await repository.plan(session, office, change)
    if plan is None or plan.due_on > tehran_date(now):
        return False  # cancelled, and maybe planned anew, since it was found due
    try:
        await _carry_out(session, office, plan, now)
    except Problem as problem:
        log.warning("office_plan_dropped", office=code, change=change, reason=problem.detail)
        await _drop(session, office, plan, "office_plan.dropped", now)
        return False
    await session.delete(plan)
    return True


async def history(session: AsyncSession, code: str) -> dict[str, Any]:
    """An office's past, what is so today, and what is planned; names of people left out."""
    office = await registry_rows.get(session, code)
    kinds = await repository.past(session, OfficeKindPeriod, office)
    addresses = await repository.past(session, OfficeAddress, office)
    place = {name: getattr(office, name) for name in _PLACE}
    return {
        "office": code,
        "founded_on": office.founded_on,
        "kinds": [*kinds, _today(office.kind_since, kind=office.kind, reference=None)],
        "addresses": [*addresses, _today(office.address_since, **place, reason=None)],
        "owners": [
            {**holder, "owner": {"kind": holder["kind"], "name": holder["name"]}}
            for holder in await _holders(session, office, {})
        ],
        "statuses": await repository.statuses(session, office),
        "planned": [
            {
                "change": plan.change,
                "due_on": plan.due_on,
                "details": public(plan),
                "planned_by": plan.planned_by,
                "planned_at": plan.planned_at,
            }
            for plan in await repository.plans(session, office)
        ],
    }


async def holders(session: AsyncSession, code: str) -> list[dict[str, Any]]:
    """Who held an office and who holds it, people by name: for staff only."""
    office = await registry_rows.get(session, code)
    return await _holders(session, office, await repository.person_names(session, office))


async def _holders(
    session: AsyncSession, office: Office, names: Mapping[str, str]
) -> list[dict[str, Any]]:
    past = await repository.past(session, OfficeOwner, office)
    found = [
        {
            "kind": period.owner_kind,
            "name": names.get(str(period.person), period.name),
            "valid_from": period.valid_from,
            "valid_until": period.valid_until,
            "reference": period.reference,
        }
        for period in past
    ]
    if office.owner_kind is not None:
        name = names.get(str(office.owner_person), office.owner_name)
        kind = office.owner_kind
        found.append(_today(office.owner_since, kind=kind, name=name, reference=None))
    return found


def _today(since: date | None, **what: Any) -> dict[str, Any]:
    return {"valid_from": since, "valid_until": None, **what}

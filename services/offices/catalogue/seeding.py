"""Seeding: the example catalogue put into the database, once, however often it is run."""

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import NAMESPACE_OID, UUID, uuid5

from sqlalchemy.ext.asyncio import AsyncSession

from services.offices.catalogue import repository, service
from services.offices.catalogue.models import Principal
from services.offices.catalogue.repository import OfferingRow
from services.offices.catalogue.schemas import NewService
from services.offices.catalogue.seed import (
    RULE_OF_1382,
    SINCE,
    load_principals,
    plan_offerings,
    plan_services,
)
from services.offices.events import principal_event, rule_event, service_event
from shared import outbox
from shared.database import driver

RULE_ID: Final[UUID] = uuid5(NAMESPACE_OID, "susa: rule of 1382")

Event = tuple[str, str, datetime, str]


@dataclass(frozen=True, slots=True)
class Added:
    """How many rows were not there."""

    services: int
    offerings: int


async def seed(session: AsyncSession, now: datetime) -> Added:
    """What is missing of the catalogue, and the offerings of loaded offices that have none.

    What is there stays as it is, changed since or not.
    """
    events = await _principals(session, now)
    planned = plan_services()
    added = await _services(session, planned, now)
    events += added
    events += await _rule(session, now)
    started = await _offerings(session, planned, now)
    events += _started(started, now)
    await (await driver(session)).executemany(outbox.APPEND_SQL, events)
    return Added(len(added), len(started))


async def _principals(session: AsyncSession, now: datetime) -> list[Event]:
    rows = [{**planned.model_dump(), **_new(now)} for planned in load_principals()]
    return [
        _event("principal.created", made.slug, principal_event(made), now)
        for made in await repository.add_missing_principals(session, rows)
    ]


async def _services(
    session: AsyncSession, planned: Sequence[NewService], now: datetime
) -> list[Event]:
    principals = await repository.principals(session, None, repository.ALL)
    by_slug: Mapping[str, Principal] = {row.slug: row for row in principals}
    made = [service.new_service(each, by_slug[each.principal], now) for each in planned]
    added = await repository.add_missing_services(session, made)
    return [_event("service.created", row.code, service_event(row), now) for row in added]


async def _rule(session: AsyncSession, now: datetime) -> list[Event]:
    row = {"id": RULE_ID, **RULE_OF_1382.model_dump(), **_new(now)}
    made = await repository.add_missing_rule(session, row)
    return [_event("service_rule.created", str(rule.id), rule_event(rule), now) for rule in made]


async def _offerings(
    session: AsyncSession, planned: Sequence[NewService], now: datetime
) -> Sequence[OfferingRow]:
    bare = await repository.loaded_offices_without_offerings(session)
    kinds = [(office.source_key, office.kind) for office in bare]
    plan = plan_offerings(kinds, planned)
    pairs = [(office.id, code) for office in bare for code in plan[office.source_key]]
    return await repository.add_offerings(session, pairs, SINCE, now)


def _started(rows: Iterable[OfferingRow], now: datetime) -> list[Event]:
    """One event an office."""
    by_office: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in rows:
        by_office[row.office].append(
            {
                "id": str(row.id),
                "office": row.office,
                "service": row.service,
                "valid_from": SINCE.isoformat(),
                "valid_until": None,
                "version": 1,
            }
        )
    return [
        _event("offering.started", office, {"items": items}, now)
        for office, items in by_office.items()
    ]


def _new(now: datetime) -> dict[str, Any]:
    return {"version": 1, "created_at": now, "updated_at": now}


def _event(kind: str, subject: str, data: dict[str, Any], now: datetime) -> Event:
    return (kind, subject, now, json.dumps(data))

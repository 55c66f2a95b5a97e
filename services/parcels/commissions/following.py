"""Consumers: offices' contracts as they stand, and what offices under contract accepted.

And the one that keeps all the books: charges and commissions, a page of events at a time.
"""

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from typing import Any, Final, NamedTuple
from uuid import UUID

from pydantic import BaseModel, ConfigDict
from sqlalchemy.ext.asyncio import AsyncSession

from services.parcels.commissions import repository
from services.parcels.events import BOOKED, CANCELLED, CORRECTED, STATUS_CHANGED
from services.parcels.postage.domain import accounted_on
from services.parcels.postage.service import REDIRECTED, REPRICED, on_parcel_events
from shared.calendar import tehran_date
from shared.feed import event_items
from shared.identifiers import Ours, parse_barcode

EVENTS: Final = ("contract.signed", "contract.renewed", "contract.changed", "contract.terminated")

ACCOUNTED: Final = (BOOKED, CANCELLED, REPRICED, REDIRECTED, STATUS_CHANGED, CORRECTED)


async def keep_books(session: AsyncSession, events: Sequence[dict[str, Any]]) -> None:
    """One consumer for charges and commissions: reading a page costs more than either."""
    await on_parcel_events(session, events)
    scanned = [event for event in events if event["type"] in {STATUS_CHANGED, CORRECTED}]
    await on_scanned(session, scanned)


class TermPayload(BaseModel):
    model_config = ConfigDict(extra="ignore")

    product: str
    valid_from: date
    valid_until: date | None
    basis_points: int | None
    rials_per_item: int | None


class ContractPayload(BaseModel):
    """What parcels takes from `contract.*`; the rest of the payload is not its business."""

    model_config = ConfigDict(extra="ignore")

    id: UUID
    number: str
    office: str
    valid_from: date
    valid_until: date
    terminated_on: date | None
    commission: list[TermPayload]
    version: int


class ContractEvent(BaseModel):
    model_config = ConfigDict(extra="ignore")

    contract: ContractPayload


async def on_contract_events(session: AsyncSession, events: Sequence[dict[str, Any]]) -> None:
    """Consumer of offices' `contract.*`: the newest state of each contract in the page."""
    newest: dict[UUID, ContractPayload] = {}
    for event in events:
        contract = ContractEvent.model_validate(event["data"]).contract
        if contract.id not in newest or newest[contract.id].version < contract.version:
            newest[contract.id] = contract
    rows = [contract.model_dump(mode="json") for contract in newest.values()]
    await repository.upsert_contracts(session, rows)


class Change(NamedTuple):
    """An item's day of acceptance moved: it counts on the new one, and no more on the old."""

    item_id: int
    version: int
    new: date | None
    old: date | None


async def on_scanned(session: AsyncSession, events: Sequence[dict[str, Any]]) -> None:
    """Consumer of parcels' own events: acceptances, and those that moved to another day."""
    changes = list(_changes(events))
    if not changes:
        return
    await repository.lock(session)
    offices = await repository.offices(session, [change.item_id for change in changes])
    rows = [
        (office, accounted_on(day, closed), change.item_id, change.version, sign, day)
        for change in changes
        if change.item_id in offices
        for office, closed in [offices[change.item_id]]
        for sign, day in ((1, change.new), (-1, change.old))
        if day is not None
    ]
    await repository.add(session, rows)


def _changes(events: Sequence[dict[str, Any]]) -> Iterator[Change]:
    for event in events:
        for item in event_items(event):
            new, old = _day(item["accepted_at"]), _day(item["accepted_before"])
            parsed = parse_barcode(item["barcode"]) if new != old else None
            if isinstance(parsed, Ours):
                yield Change(parsed.item_id, item["version"], new, old)


def _day(at: str | None) -> date | None:
    return None if at is None else tehran_date(datetime.fromisoformat(at))

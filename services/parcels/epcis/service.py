"""Use case: a parcel's history as EPCIS, for the partner whose it is."""

from datetime import datetime
from typing import Any

from sqlalchemy import Row
from sqlalchemy.ext.asyncio import AsyncSession

from services.parcels.booking import service as booking
from services.parcels.booking.errors import ParcelNotFound
from services.parcels.epcis import domain, repository
from services.parcels.epcis.schemas import EpcisDocument
from services.parcels.network.service import Directory
from services.parcels.vocabulary import Event, Status
from shared.auth import Caller
from shared.identifiers import barcode_of


async def document(
    session: AsyncSession, directory: Directory, caller: Caller, barcode: str, now: datetime
) -> EpcisDocument:
    """ParcelNotFound for another's as for none. Events outside the offline window are not told."""
    item_id = await booking.resolve(session, barcode)
    rows = await repository.events(session, caller.account, item_id)
    if not rows:
        raise ParcelNotFound
    facts = [_fact(row, directory) for row in rows if row.event is not None]
    cancelled = rows[0].status == Status.CANCELLED
    told = domain.document(barcode_of(item_id), facts, cancelled=cancelled, now=now)
    return EpcisDocument.model_validate(told)


def _fact(row: Row[Any], directory: Directory) -> domain.Fact:
    office = directory.by_id.get(row.office or 0)
    return domain.Fact(
        Event(row.event),
        row.event_id,
        office.code if office else None,
        row.at,
        row.recorded_at,
        row.reason,
        row.action,
        _declaration(row),
    )


def _declaration(row: Row[Any]) -> domain.Declaration | None:
    if row.declared is None:
        return None
    return domain.Declaration(row.declared_at, row.declared, tuple(row.corrective))

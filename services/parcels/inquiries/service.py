"""Use cases for sister services: a parcel's custody in full, and parcels by phone."""

from typing import Final

from services.parcels.booking.errors import ParcelNotFound
from services.parcels.inquiries import repository
from services.parcels.inquiries.schemas import (
    CustodyChain,
    CustodyEvent,
    Misfit,
    PhoneParcel,
    PhoneParcels,
)
from services.parcels.network.service import Directory
from services.parcels.scanning.domain import leads_to
from services.parcels.tracking.service import resolve
from services.parcels.vocabulary import (
    EVENT_WIRE,
    PRODUCT_WIRE,
    STATUS_WIRE,
    Custodian,
    Event,
    Status,
)
from shared.database import Database
from shared.identifiers import barcode_of

PARCELS_MAX: Final = 50


async def custody(database: Database, offices: Directory, barcode: str) -> CustodyChain:
    item_id = await resolve(database, barcode)
    item = None if item_id is None else await repository.item(database, item_id)
    if item_id is None or item is None:
        raise ParcelNotFound
    status = Status.CANCELLED if item["status"] == Status.CANCELLED else Status.BOOKED
    events = []
    for row in await repository.chain(database, item_id):
        status = leads_to(status, Event(row["event"]))
        told = {name: row[name] for name in ("trip", "courier", "operator", "reason")}
        events.append(
            CustodyEvent.model_validate(
                {
                    **told,
                    "event": EVENT_WIRE[row["event"]],
                    "event_id": str(row["event_id"]),
                    "office": offices.code_of(row["office"]),
                    "status": STATUS_WIRE[status],
                    "occurred_at": row["at"],
                }
            )
        )
    return CustodyChain.model_validate(
        {
            "barcode": barcode_of(item_id),
            "status": STATUS_WIRE[item["status"]],
            "origin_office": offices.code_of(item["origin_office"]),
            "promised_at": item["promised_at"],
            "ended_at": item["ended_at"],
            "custodian": _custodian(item["custodian"]),
            "events": events,
            "discrepancies": await _misfits(database, offices, item_id),
        }
    )


async def _misfits(database: Database, offices: Directory, item_id: int) -> list[Misfit]:
    return [
        Misfit(
            kind=row["kind"],
            event_id=str(row["event_id"]),
            office=offices.code_of(row["office"]),
            last_custodian=_custodian(row["last_custodian"]),
            last_office=(
                None
                if row["last_custodian"] == Custodian.OPERATOR
                else offices.code_of(row["last_custodian_id"])
            ),
            recorded_at=row["recorded_at"],
        )
        for row in await repository.misfits(database, item_id)
    ]


def _custodian(value: int | None) -> str | None:
    return None if value is None else Custodian(value).wire


async def by_phone(database: Database, offices: Directory, phone: str) -> PhoneParcels:
    rows = await repository.by_phone(database, phone, PARCELS_MAX)
    return PhoneParcels(
        parcels=[
            PhoneParcel.model_validate(
                {
                    "barcode": barcode_of(row["item_id"]),
                    "role": "recipient" if row["role"] else "sender",
                    "status": STATUS_WIRE[row["status"]],
                    "product": PRODUCT_WIRE[row["product"]],
                    "origin_office": offices.code_of(row["origin_office"]),
                    "booked_at": row["booked_at"],
                    "promised_at": row["promised_at"],
                }
            )
            for row in rows
        ]
    )

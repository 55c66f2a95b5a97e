"""Use case of details, for who knows the last four digits of the recipient's phone."""

from datetime import datetime
from typing import Any, cast

from sqlalchemy.ext.asyncio import AsyncSession

from services.parcels.booking import service as booking
from services.parcels.booking.errors import ParcelNotFound
from services.parcels.caches import Desk
from services.parcels.delivery import repository as deliveries
from services.parcels.delivery.domain import REASONS, ReasonCode
from services.parcels.delivery.models import DeliveryAttempt
from services.parcels.details import repository
from services.parcels.details.schemas import Details, FailedAttempt, Place, Waiting
from services.parcels.holding import repository as holdings
from services.parcels.network.service import Directory
from services.parcels.tracking import repository as tracking
from services.parcels.verification import service as verification
from services.parcels.vocabulary import EVENT_WIRE, PRODUCT_WIRE, STATUS_WIRE
from shared.identifiers import barcode_of


async def details(
    session: AsyncSession, desk: Desk, barcode: str, phone_end: str, now: datetime
) -> Details:
    """ParcelNotFound, NotVerified, or TooManyTries after five wrong ones in a day."""
    item_id = await booking.resolve(session, barcode)
    await verification.check_recipient(session, desk.database, item_id, phone_end, now)
    parcel = await repository.parcel(session, item_id)
    if parcel is None:
        raise ParcelNotFound
    directory = await desk.caches.directory.fresh()
    rows = await tracking.history(desk.database, item_id)
    attempts = await deliveries.attempts(session, item_id)
    found: dict[str, Any] = {
        "barcode": barcode_of(item_id),
        "product": PRODUCT_WIRE[parcel.product],
        "status": STATUS_WIRE[parcel.status],
        "weight_g": parcel.weight_g,
        "cod_rials": parcel.cod_rials,
        "accepted_at": parcel.accepted_at,
        "promised_at": parcel.promised_at,
        "events": [
            {
                "event": EVENT_WIRE[row["event"]],
                "office": _place(directory, row["office"]),
                "occurred_at": row["at"],
            }
            for row in rows
            if row["event"] is not None
        ],
        "attempts": [_attempt(row) for row in attempts],
        "waiting": await _waiting(session, directory, item_id),
    }
    return Details.model_validate(found)


def _attempt(row: DeliveryAttempt) -> FailedAttempt:
    reason = REASONS[cast("ReasonCode", row.reason)]
    return FailedAttempt(
        reason_fa=reason.fa,
        reason_en=reason.en,
        notice=row.notice,
        attempted_at=row.attempted_at,
    )


async def _waiting(session: AsyncSession, directory: Directory, item_id: int) -> Waiting | None:
    held = await holdings.holding(session, item_id)
    if held is None:
        return None
    return Waiting(office=_place(directory, held.office), since=held.since, until=held.until)


def _place(directory: Directory, office_id: int | None) -> Place | None:
    office = directory.by_id.get(office_id or 0)
    if office is None:
        return None
    return Place(code=office.code, name=office.name, town=office.town_name)

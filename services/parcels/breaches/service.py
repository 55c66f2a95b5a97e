"""Use case of breaches: which promises were not kept."""

from datetime import datetime
from typing import Annotated, Final

from pydantic import Field, TypeAdapter, ValidationError
from sqlalchemy import Row
from sqlalchemy.ext.asyncio import AsyncSession

from services.parcels.booking.models import Parcel
from services.parcels.breaches import repository
from services.parcels.breaches.models import PromiseBreach
from services.parcels.breaches.schemas import BreachOut
from services.parcels.network.service import Directory
from services.parcels.vocabulary import PRODUCT_WIRE, STATUS_WIRE
from shared.auth import Caller
from shared.fields import Instant
from shared.identifiers import barcode_of
from shared.pagination import Page, cut, not_a_cursor

STAFF: Final = "staff"
_ItemId = Annotated[int, Field(strict=True, ge=0, lt=2**63)]
_CURSOR: Final = TypeAdapter[tuple[int, datetime]](tuple[_ItemId, Instant])


async def listing(
    session: AsyncSession, caller: Caller, directory: Directory, page: Page
) -> tuple[list[BreachOut], str | None]:
    """A partner's own, all for staff; by item, so the oldest booking first."""
    try:
        after = None if page.after is None else _CURSOR.validate_python(page.after)
    except ValidationError:
        raise not_a_cursor() from None
    partner = None if caller.kind == STAFF else caller.account
    rows = await repository.listing(session, partner, after, page.limit + 1)
    shown, cursor = cut(rows, page, lambda row: [row[0].item_id, row[0].promised_at.isoformat()])
    return [_out(row, directory) for row in shown], cursor


def _out(row: Row[PromiseBreach, Parcel], directory: Directory) -> BreachOut:
    breach, parcel = row
    office = directory.by_id.get(parcel.origin_office or 0)
    return BreachOut.model_validate(
        {
            "barcode": barcode_of(breach.item_id),
            "reference": parcel.reference,
            "product": PRODUCT_WIRE[parcel.product],
            "status": STATUS_WIRE[parcel.status],
            "origin_office": office.code if office else None,
            "promised_at": breach.promised_at,
            "ended_at": parcel.ended_at,
            "found_at": breach.found_at,
            "withdrawn_at": breach.withdrawn_at,
        }
    )

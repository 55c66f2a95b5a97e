"""Use case: whoever knows the last four digits of a recipient's phone may act as the recipient."""

import hmac
from datetime import datetime
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from services.parcels.booking.errors import ParcelNotFound
from services.parcels.verification import repository
from services.parcels.verification.errors import NotVerified, TooManyTries
from shared.calendar import tehran_date
from shared.database import Database

TRIES_MAX: Final = 5
"""Wrong ones a day and parcel."""


async def check_recipient(
    session: AsyncSession, database: Database, item_id: int, phone_end: str, now: datetime
) -> None:
    """Raises NotVerified, TooManyTries, or ParcelNotFound where nobody is to receive it."""
    phone = await repository.recipient_phone(session, item_id)
    if phone is None:
        raise ParcelNotFound
    day = tehran_date(now)
    if not await repository.count_try(database, item_id, day, TRIES_MAX):
        raise TooManyTries
    if not hmac.compare_digest(phone[-4:], phone_end):
        raise NotVerified
    await repository.forgive(session, item_id, day)

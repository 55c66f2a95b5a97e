"""All SQL of devices. What counts a try commits by itself."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.gateway.devices.domain import PIN_FAILURES_MAX
from services.gateway.devices.models import Device
from shared.database import Database

LIST_MAX: Final = 100

_CHALLENGE: Final = """
UPDATE device SET challenge = $2, challenge_until = $3
WHERE id = $1 AND revoked_at IS NULL AND failures < $4
"""
_OPEN: Final = """
SELECT public_key, challenge FROM device
WHERE id = $1 AND challenge_until > $2 AND revoked_at IS NULL AND failures < $3
"""
_TRY: Final = """
UPDATE device SET failures = failures + 1, challenge = NULL, challenge_until = NULL
WHERE id = $1 AND challenge = $2 AND revoked_at IS NULL AND failures < $3
RETURNING pin_hash, failures
"""


@dataclass(frozen=True, slots=True)
class Outstanding:
    public_key: str
    challenge: str


@dataclass(frozen=True, slots=True)
class Try:
    """`last`: a wrong one locks the device, as it is by now."""

    pin_hash: str
    last: bool


async def put_challenge(
    database: Database, device_id: uuid.UUID, challenge: str, until: datetime
) -> None:
    """In place of the one before; without effect for a device that may not sign in."""
    await database.hot.execute(_CHALLENGE, device_id, challenge.encode(), until, PIN_FAILURES_MAX)


async def outstanding(
    database: Database, device_id: uuid.UUID, now: datetime
) -> Outstanding | None:
    row = await database.hot.fetchrow(_OPEN, device_id, now, PIN_FAILURES_MAX)
    return None if row is None else Outstanding(row["public_key"], row["challenge"].decode())


async def take_try(database: Database, device_id: uuid.UUID, challenge: str) -> Try | None:
    """Spend the challenge on one try of a PIN; None for whoever comes second with it."""
    row = await database.hot.fetchrow(_TRY, device_id, challenge.encode(), PIN_FAILURES_MAX)
    return None if row is None else Try(row["pin_hash"], row["failures"] >= PIN_FAILURES_MAX)


async def find(session: AsyncSession, device_id: uuid.UUID, *, lock: bool = False) -> Device | None:
    return await session.get(Device, device_id, with_for_update=lock or None)


async def of_account(session: AsyncSession, account_id: uuid.UUID) -> Sequence[Device]:
    """The newest, revoked ones too."""
    query = (
        select(Device)
        .where(Device.account_id == account_id)
        .order_by(Device.id.desc())
        .limit(LIST_MAX)
    )
    return (await session.scalars(query)).all()


async def usable(session: AsyncSession, account_id: uuid.UUID) -> int:
    query = select(func.count()).where(
        Device.account_id == account_id,
        Device.revoked_at.is_(None),
        Device.failures < PIN_FAILURES_MAX,
    )
    return (await session.execute(query)).scalar_one()

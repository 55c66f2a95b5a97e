"""SQL that brings cases up to date with what they are about."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import select, text, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import selectinload

from services.complaints.cases.models import Case
from services.complaints.events import ParcelState

_FOLLOW_SQL: Final = """
UPDATE complaint_case AS c SET parcel_status = state.status, parcel_version = state.version
FROM unnest(CAST(:barcodes AS text[]), CAST(:statuses AS text[]), CAST(:versions AS bigint[]))
    AS state (barcode, status, version)
WHERE c.barcode = state.barcode AND c.status <> 'closed' AND c.barcode IS NOT NULL
  AND coalesce(c.parcel_version, -1) < state.version
"""


async def follow_parcels(session: AsyncSession, states: Mapping[str, ParcelState]) -> None:
    """Bring open cases to their parcels' states: one statement, a probe of a small index each."""
    await session.execute(
        text(_FOLLOW_SQL),
        {
            "barcodes": list(states),
            "statuses": [state.status for state in states.values()],
            "versions": [state.version for state in states.values()],
        },
    )


async def due_lookups(session: AsyncSession, now: datetime, *, limit: int) -> Sequence[Case]:
    """Cases whose subject is to be asked about, the longest due first."""
    query = select(Case).where(Case.lookup_at <= now).order_by(Case.lookup_at).limit(limit)
    return (await session.execute(query)).scalars().all()


async def postpone_lookup(session: AsyncSession, case_id: int, until: datetime) -> None:
    await session.execute(update(Case).where(Case.id == case_id).values(lookup_at=until))


async def lock(session: AsyncSession, case_id: int) -> Case:
    """The row of a case that exists, locked, with its snapshot alone."""
    query = select(Case).where(Case.id == case_id).with_for_update()
    return (await session.execute(query.options(selectinload(Case.snapshot)))).scalar_one()

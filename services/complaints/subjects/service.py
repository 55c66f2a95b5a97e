"""What a case is about: the snapshot of it, and a parcel's status from then on.

A case's subject is asked about before its filing's transaction. If the sister is down, the case is
`snapshot_pending` and the worker asks until it answers. The worker asks once more about every
parcel that did answer: an event consumed between that answer and the case's commit met no case.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from services.complaints import events
from services.complaints.cases.models import Case, Snapshot
from services.complaints.cases.schemas import AboutOffice, AboutParcel
from services.complaints.clients import OfficeRecord, ParcelHistory, SisterDownError, Sisters
from services.complaints.subjects import repository
from shared.consumer import Consumer
from shared.database import Database

log = structlog.get_logger(__name__)

DUE_MAX: Final = 50
RETRY: Final = timedelta(seconds=15)


class Looked(NamedTuple):
    """What a sister answered about a subject; neither: it knows none such."""

    parcel: ParcelHistory | None
    office: OfficeRecord | None

    @property
    def found(self) -> bool:
        return self.parcel is not None or self.office is not None


async def ask(sisters: Sisters, about: AboutParcel | AboutOffice) -> Looked | None:
    """None: the sister is down. Never inside a transaction."""
    try:
        if isinstance(about, AboutParcel):
            return Looked(await sisters.parcel(about.barcode), None)
        return Looked(None, await sisters.office(about.office))
    except SisterDownError as error:
        log.warning("subject_not_asked", kind=about.kind, error=str(error)[:300])
        return None


def start(case: Case, looked: Looked | None, now: datetime) -> None:
    """What a new case holds of its subject, and whether the worker is to ask (again)."""
    case.snapshot_pending = looked is None
    if looked is not None:
        case.snapshot = _snapshot(looked, now, at_filing=case.filed_at == now)
        _follow(case, looked)
    case.lookup_at = None if looked is not None and looked.office is not None else now


def _snapshot(looked: Looked, now: datetime, *, at_filing: bool) -> Snapshot:
    parcel, office = looked
    return Snapshot(
        taken_at=now,
        at_filing=at_filing,
        parcel=parcel.model_dump(mode="json") if parcel else None,
        office=office.model_dump(mode="json") if office else None,
    )


def _follow(case: Case, looked: Looked) -> None:
    parcel = looked.parcel
    if parcel is not None and parcel.version > (case.parcel_version or -1):
        case.parcel_status, case.parcel_version = parcel.status, parcel.version


async def catch_up(database: Database, sisters: Sisters, now: datetime) -> int:
    """Ask about what is due, outside any transaction; how many cases were brought up to date.

    Ends at the first case whose sister is down, and puts that one behind the others.
    """
    async with database.transaction() as session:
        due = await repository.due_lookups(session, now, limit=DUE_MAX)
    for done, case in enumerate(due):
        looked = await ask(sisters, _about(case))
        async with database.transaction() as session:
            if looked is None:
                await repository.postpone_lookup(session, case.id, now + RETRY)
                return done
            _complete(await repository.lock(session, case.id), looked, now)
    return len(due)


def _about(case: Case) -> AboutParcel | AboutOffice:
    if case.kind == "parcel":
        return AboutParcel.model_validate(case.about)
    return AboutOffice.model_validate(case.about)


def _complete(case: Case, looked: Looked, now: datetime) -> None:
    case.lookup_at = None
    if case.snapshot is None:
        case.snapshot = _snapshot(looked, now, at_filing=False)
        case.snapshot_pending = False
    if case.status != "closed":
        _follow(case, looked)


async def _follow_parcels(session: AsyncSession, page: Sequence[dict[str, Any]]) -> None:
    await repository.follow_parcels(session, events.parcel_states(page))


PARCELS: Final = Consumer(
    "complaints.parcels",
    (events.STATUS_CHANGED, events.CORRECTED, events.CANCELLED),
    _follow_parcels,
)

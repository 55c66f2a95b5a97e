"""What a case is about: the snapshot of it, and a parcel's status from then on.

A case's subject is asked about before its filing's transaction. If the sister is down, the case is
`snapshot_pending` and the worker asks until it answers. The worker asks once more about every
parcel that did answer: an event consumed between that answer and the case's commit met no case.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple

import structlog
from pydantic import TypeAdapter
from sqlalchemy.ext.asyncio import AsyncSession

from services.complaints import events
from services.complaints.assignment import service as assignment
from services.complaints.cases.models import Case, Snapshot
from services.complaints.cases.schemas import About
from services.complaints.cases.service import Step, note
from services.complaints.clients import OfficeRecord, ParcelHistory, SisterDownError, Sisters
from services.complaints.subjects import repository
from shared.consumer import Consumer
from shared.database import Database

log = structlog.get_logger(__name__)

DUE_MAX: Final = 50
RETRY: Final = timedelta(seconds=15)


_ABOUT: Final = TypeAdapter[About](About)


class Looked(NamedTuple):
    """What a sister answered about a subject; neither: it knows none such.

    `handling`: the office that handles a case about this parcel, as far as it could be asked.
    `asked`: whether there was anything to ask; a website is nobody's.
    """

    parcel: ParcelHistory | None
    office: OfficeRecord | None
    handling: OfficeRecord | None = None
    asked: bool = True

    @property
    def found(self) -> bool:
        return not self.asked or self.parcel is not None or self.office is not None


async def ask(sisters: Sisters, about: About) -> Looked | None:
    """None: the sister is down. Never inside a transaction."""
    barcode: str | None = getattr(about, "barcode", None)
    office: str | None = getattr(about, "office", None)
    try:
        if barcode is not None:
            parcel = await sisters.parcel(barcode)
            return Looked(parcel, None, await _handling(sisters, parcel, office))
        if office is not None:
            found = await sisters.office(office)
            return Looked(None, found, found)
    except SisterDownError as error:
        log.warning("subject_not_asked", kind=about.kind, error=str(error)[:300])
        return None
    return Looked(None, None, asked=False)


async def _handling(
    sisters: Sisters, parcel: ParcelHistory | None, office: str | None
) -> OfficeRecord | None:
    """The office that was complained of, or had the parcel last; None where it cannot be asked."""
    code = office or (parcel.last_office if parcel else None)
    return None if code is None else await office_record(sisters, code)


async def office_record(sisters: Sisters, code: str) -> OfficeRecord | None:
    """None also where offices is down: nothing waits for it."""
    try:
        return await sisters.office(code)
    except SisterDownError as error:
        log.warning("office_not_asked", error=str(error)[:300])
        return None


def start(case: Case, looked: Looked | None, now: datetime) -> None:
    """What a new case holds of its subject, and whether the worker is to ask (again)."""
    case.snapshot_pending = looked is None
    case.lookup_at = now if looked is None else None
    if looked is not None and looked.asked:
        case.snapshot = _snapshot(looked, now, at_filing=case.filed_at == now)
        _follow(case, looked)
        _place(case, looked)
        case.lookup_at = now if looked.parcel is not None else None


def _place(case: Case, looked: Looked) -> None:
    """Who handles it first: the office that was complained of, or that had the parcel last."""
    case.product = looked.parcel.product if looked.parcel else None
    last = looked.parcel.last_office if looked.parcel else None
    case.handling_office = case.office or last
    case.county = looked.handling.county if looked.handling else None


def _snapshot(looked: Looked, now: datetime, *, at_filing: bool) -> Snapshot:
    parcel, office = looked.parcel, looked.office
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
            await _complete(session, await repository.lock(session, case.id), looked, now)
    return len(due)


def _about(case: Case) -> About:
    return _ABOUT.validate_python(case.about)


async def _complete(session: AsyncSession, case: Case, looked: Looked, now: datetime) -> None:
    case.lookup_at = None
    if case.status != "closed":
        _follow(case, looked)
    if case.snapshot is not None:
        return
    case.snapshot = _snapshot(looked, now, at_filing=False)
    case.snapshot_pending = False
    _place(case, looked)
    await note(session, case, "case.snapshot_completed", Step("system", None, None, now, now))
    if case.status != "closed":
        await assignment.assign(session, case, now)


async def _follow_parcels(session: AsyncSession, page: Sequence[dict[str, Any]]) -> None:
    await repository.follow_parcels(session, events.parcel_states(page))


PARCELS: Final = Consumer(
    "complaints.parcels",
    (events.STATUS_CHANGED, events.CORRECTED, events.CANCELLED),
    _follow_parcels,
)

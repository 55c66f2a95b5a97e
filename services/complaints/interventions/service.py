"""Use cases of staff on a case's clocks: wait for the complainant, go on, escalate."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from services.complaints.cases import repository as case_rows
from services.complaints.cases import service as cases
from services.complaints.cases.domain import CaseId
from services.complaints.cases.repository import STAFF
from services.complaints.cases.schemas import MessageRequest
from services.complaints.clocks import reading
from services.complaints.clocks import service as clocks
from services.complaints.clocks.schemas import ClocksOut
from services.complaints.clocks.sheets import Moment
from services.complaints.interventions.schemas import EscalationRequest, PauseRequest
from shared.auth import Caller


async def pause(
    session: AsyncSession, number: CaseId, body: PauseRequest, *, caller: Caller, now: datetime
) -> ClocksOut:
    """Ask the complainant and wait: there is no pause without a question."""
    question = MessageRequest(text=body.question, occurred_at=body.occurred_at)
    case, step = await cases.ask(session, number, caller, question, now)
    await clocks.pause(session, case, body.reason, Moment(step.at, step.now, step.account))
    return await reading.clocks(session, number, now)


async def resume(
    session: AsyncSession, number: CaseId, *, caller: Caller, now: datetime
) -> ClocksOut:
    """Wait no longer."""
    case = await case_rows.find(session, number, STAFF, lock=True)
    await clocks.resume(session, case, "staff", Moment(now, now, caller.id))
    return await reading.clocks(session, number, now)


async def escalate(
    session: AsyncSession, number: CaseId, body: EscalationRequest, *, caller: Caller, now: datetime
) -> ClocksOut:
    """To the level above, before the time of this one is over."""
    case = await case_rows.find(session, number, STAFF, lock=True)
    await clocks.escalate(session, case, Moment(now, now, caller.id, body.reason))
    return await reading.clocks(session, number, now)

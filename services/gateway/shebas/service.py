"""Use cases of changing a Sheba: one proposes, another approves, and it holds after a delay.

Until it holds anyone who may approve can call it off; nothing is ever changed or taken away.
"""

import uuid
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from services.gateway.partners import service as partners
from services.gateway.shebas import domain, repository
from services.gateway.shebas.domain import OPEN, Step
from services.gateway.shebas.errors import (
    ChangeNotFound,
    ChangeOpen,
    ChangeState,
    SecondPersonNeeded,
)
from services.gateway.shebas.events import ShebaChangeEvent, ShebaChangeState
from services.gateway.shebas.models import ShebaChange, ShebaChangeStep
from services.gateway.shebas.schemas import NewShebaChange, ShebaChangeBody
from shared import outbox
from shared.auth import Caller
from shared.identifiers import mask_sheba
from shared.pagination import Page, cut

DUE_ROWS: Final = 50
Rows = dict[Step, ShebaChangeStep]


async def propose(
    session: AsyncSession,
    partner_id: uuid.UUID,
    wanted: NewShebaChange,
    caller: Caller,
    now: datetime,
) -> ShebaChangeBody:
    """The first of two persons; one change of an account waits at a time."""
    await partners.locked(session, partner_id)
    if await repository.has_open(session, partner_id):
        raise ChangeOpen("reject it, or wait until it holds; then propose the next one")
    change = ShebaChange(
        partner_id=partner_id,
        proposed_by=caller.account,
        proposed_at=now,
        **wanted.model_dump(),
    )
    session.add(change)
    await session.flush()
    return await _told(session, change, {}, "proposed", caller.account, now)


async def approve(
    session: AsyncSession,
    partner_id: uuid.UUID,
    change_id: uuid.UUID,
    caller: Caller,
    now: datetime,
    delay: timedelta,
) -> ShebaChangeBody:
    """The second of two persons; it holds after the delay, in which it can be called off."""
    change, rows = await _locked(session, partner_id, change_id)
    if why := domain.why_not_approved(repository.taken(rows)):
        raise ChangeState(f"only what is proposed can be approved: {why}")
    two = await partners.are_two_persons(session, change.proposed_by, caller.account)
    if why := domain.why_not_second(change.proposed_by, caller.account, two_persons=two):
        raise SecondPersonNeeded(why)
    rows["approved"] = _step(change, "approved", caller.account, now)
    rows["approved"].effective_at = now + delay
    return await _taken(session, change, rows, "approved", now)


async def reject(
    session: AsyncSession,
    partner_id: uuid.UUID,
    change_id: uuid.UUID,
    reason: str,
    caller: Caller,
    now: datetime,
) -> ShebaChangeBody:
    """Called off, by the proposer too; too late once it holds."""
    change, rows = await _locked(session, partner_id, change_id)
    status = domain.status_of(repository.taken(rows))
    if status not in OPEN:
        raise ChangeState(f"it is {status}: propose another change")
    rows["rejected"] = _step(change, "rejected", caller.account, now)
    rows["rejected"].note = reason
    return await _taken(session, change, rows, "rejected", now)


async def listing(
    session: AsyncSession, partner_id: uuid.UUID, page: Page
) -> tuple[list[ShebaChangeBody], str | None]:
    await partners.found(session, partner_id)
    rows = await repository.page(session, partner_id, page.after_uuid(), page.limit + 1)
    shown, cursor = cut(rows, page, lambda change: [str(change.id)])
    steps = await repository.steps(session, [change.id for change in shown])
    return [_body(change, steps[change.id]) for change in shown], cursor


async def make_effective(session: AsyncSession, now: datetime) -> int:
    """From here on they can no longer be called off; how many there were."""
    made = 0
    for change in await repository.due(session, now, DUE_ROWS):
        await partners.found(session, change.partner_id, lock=True)
        rows = (await repository.steps(session, [change.id]))[change.id]
        if not domain.is_due(repository.taken(rows), now):
            continue  # called off while the account's row was waited for
        rows["effective"] = _step(change, "effective", None, now)
        await _taken(session, change, rows, "effective", now)
        made += 1
    return made


async def undelivered(session: AsyncSession) -> list[ShebaChangeBody]:
    """What parcels has still to be told, oldest first."""
    changes = await repository.undelivered(session, DUE_ROWS)
    steps = await repository.steps(session, [change.id for change in changes])
    return [_body(change, steps[change.id]) for change in changes]


async def note_delivered(
    session: AsyncSession, partner_id: uuid.UUID, change_id: uuid.UUID, now: datetime
) -> None:
    """Parcels knows the account; said twice it changes nothing."""
    change, rows = await _locked(session, partner_id, change_id)
    if "delivered" not in rows:
        rows["delivered"] = _step(change, "delivered", None, now)
        await _taken(session, change, rows, "delivered", now)


async def _locked(
    session: AsyncSession, partner_id: uuid.UUID, change_id: uuid.UUID
) -> tuple[ShebaChange, Rows]:
    await partners.found(session, partner_id, lock=True)
    change = await repository.find(session, partner_id, change_id)
    if change is None:
        raise ChangeNotFound("this account has no such change")
    return change, (await repository.steps(session, [change_id]))[change_id]


def _step(change: ShebaChange, step: Step, by: uuid.UUID | None, now: datetime) -> ShebaChangeStep:
    return ShebaChangeStep(
        change_id=change.id, step=step, proposed_by=change.proposed_by, by=by, at=now
    )


async def _taken(
    session: AsyncSession, change: ShebaChange, rows: Rows, step: Step, now: datetime
) -> ShebaChangeBody:
    session.add(rows[step])
    await session.flush()
    return await _told(session, change, rows, step, rows[step].by, now)


async def _told(
    session: AsyncSession,
    change: ShebaChange,
    rows: Rows,
    what: str,
    by: uuid.UUID | None,
    now: datetime,
) -> ShebaChangeBody:
    body = _body(change, rows)
    state = ShebaChangeState(
        sheba_masked=mask_sheba(change.sheba),
        **body.model_dump(include=ShebaChangeState.model_fields.keys() - {"sheba_masked"}),
    )
    data = ShebaChangeEvent(sheba_change=state, by=by).model_dump(mode="json")
    subject = str(change.partner_id)
    await outbox.append(session, f"sheba_change.{what}", data, time=now, subject=subject)
    return body


def _body(change: ShebaChange, rows: Mapping[Step, ShebaChangeStep]) -> ShebaChangeBody:
    approved, rejected = rows.get("approved"), rows.get("rejected")
    delivered = rows.get("delivered")
    return ShebaChangeBody(
        id=change.id,
        partner=change.partner_id,
        sheba=change.sheba,
        holder_name=change.holder_name,
        reason=change.reason,
        status=domain.status_of(repository.taken(dict(rows))),
        proposed_by=change.proposed_by,
        proposed_at=change.proposed_at,
        approved_by=approved.by if approved else None,
        approved_at=approved.at if approved else None,
        effective_at=approved.effective_at if approved else None,
        rejected_by=rejected.by if rejected else None,
        rejected_at=rejected.at if rejected else None,
        rejected_because=rejected.note if rejected else None,
        delivered_at=delivered.at if delivered else None,
    )

"""What a decision on a licence does when its time comes: to the licence, and to its office."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Final, cast

from sqlalchemy.ext.asyncio import AsyncSession

from services.offices.contracts.service import regate
from services.offices.decisions import repository as decisions
from services.offices.decisions.domain import Effect
from services.offices.decisions.models import Decision, DecisionEffect
from services.offices.decisions.service import Basis, applied, decision
from services.offices.licensing import domain, repository
from services.offices.licensing.domain import Act
from services.offices.licensing.errors import LicenceInForce
from services.offices.licensing.models import Licence
from services.offices.registry import repository as offices
from services.offices.registry import service as registry
from services.offices.working_group.service import tell
from shared.auth import service_caller
from shared.calendar import day_start, tehran_date

DAY: Final = timedelta(days=1)
CLOCK: Final = "clock"
OFFICES: Final = service_caller("offices")
TOLD: Final[Mapping[Act, str]] = {
    "issue": "licence.issued",
    "import": "licence.imported",
    "warn": "licence.warned",
    "inspect": "licence.inspected",
    "summon": "licence.holder_summoned",
    "defend": "licence.holder_heard",
    "suspend": "licence.suspended",
    "reinstate": "licence.reinstated",
    "revoke": "licence.revoked",
    "appeal": "licence.appealed",
    "uphold": "licence.decision_upheld",
    "overturn": "licence.decision_overturned",
    "renew": "licence.renewed",
    "rescind": "licence.decision_rescinded",
    "expire": "licence.expired",
}


async def settle(session: AsyncSession, licence: Licence, now: datetime) -> None:
    """What is due on a locked licence takes effect, in the order of the instants it is due at."""
    for made in await repository.pending(session, licence.id):
        if made.effective_from > now:
            break
        await _expire(session, licence, made.effective_from, now)
        after = domain.LIFE.get((licence.status, _act(made)))
        problem = await _obstacle(session, licence, after)
        if problem is None:
            await repository.no_longer_due(session, made.id)
            await apply(session, licence, made, now)
        else:
            await end(session, made, "lapsed", problem, now)
            await told(session, licence, made, now, "licence.decision_lapsed")
    await _expire(session, licence, now, now)


async def _obstacle(session: AsyncSession, licence: Licence, after: str | None) -> str | None:
    """Why a decision that was possible when it was made is not any more."""
    if after is None:
        return f"the licence is {licence.status}"
    try:
        await check_only_active(session, licence, after)
    except LicenceInForce as problem:
        return problem.detail
    return None


async def _expire(session: AsyncSession, licence: Licence, at: datetime, now: datetime) -> None:
    """The clock's own decision, dated by the instant after the last day."""
    if not domain.has_expired(licence.status, licence.valid_until, tehran_date(at)):
        return
    assert licence.valid_until is not None  # noqa: S101 - it has a last day, which has passed
    text = f"the validity ended with {licence.valid_until}"
    step = ("expire", licence.status, domain.follow(licence.status, "expire"))
    made = decision(
        ("licence", licence.id),
        step,
        Basis("clock", text),
        by=CLOCK,
        now=now,
        effective_from=day_start(licence.valid_until + DAY),
    )
    session.add(made)
    await apply(session, licence, made, now)


async def apply(session: AsyncSession, licence: Licence, made: Decision, now: datetime) -> None:
    before = licence.status
    act = _act(made)
    licence.status = domain.follow(before, act)
    if act == "renew":
        last = made.details["valid_until"]
        licence.valid_until = None if last is None else date.fromisoformat(last)
    licence.version += 1
    licence.updated_at = now
    await session.flush()
    stopped = await _move_office(session, licence, before, made, now)
    applied(made, now, stopped_office=stopped)
    await told(session, licence, made, now)
    office = (await offices.lock(session, [licence.office]))[licence.office]
    await regate(session, office, now)


async def _move_office(
    session: AsyncSession, licence: Licence, before: str, made: Decision, now: datetime
) -> bool:
    """Stop the office with its licence, or let it work again; whether it was stopped by this."""
    if (licence.status in domain.STOPPED) == (before in domain.STOPPED):
        return False
    office = (await offices.lock(session, [licence.office]))[licence.office]
    if licence.status in domain.STOPPED:
        if office.status != "active" or office.kind != licence.kind:
            return False
        reason = f"licence {licence.number}: {made.transition}, decision {made.id}"
        await registry.suspend(session, office.code, reason, caller=OFFICES, now=now)
        return True
    if (
        office.status == "suspended"
        and await _was_stopped(session, licence)
        and await repository.stopping(session, office) is None
    ):
        await registry.reopen(session, office.code, caller=OFFICES, now=now)
    return False


async def _was_stopped(session: AsyncSession, licence: Licence) -> bool:
    """Whether the office was suspended by this licence's own last stop, not by somebody before."""
    history = await decisions.history(session, licence.id)
    done = [past for past in history if past.outcome and past.outcome.effect == "applied"]
    done.sort(key=lambda past: (past.effect_at, past.effective_from, past.seq))
    for past in reversed(done):
        if past.outcome and past.outcome.stopped_office:
            return True
        if past.after == "active":
            return False
    return False


def _act(made: Decision) -> Act:
    return cast("Act", made.transition)  # a licence's are all acts


async def check_only_active(session: AsyncSession, licence: Licence, after: str) -> None:
    if after != "active" or licence.status == "active":
        return
    await offices.lock(session, [licence.office])
    if number := await repository.another_active(session, licence):
        raise LicenceInForce(f"{licence.office} has the licence {number}, active")


async def told(
    session: AsyncSession, licence: Licence, made: Decision, now: datetime, event: str | None = None
) -> None:
    await tell(
        session, event or TOLD[_act(made)], now, subject=licence.id, licence=licence, decision=made
    )


async def end(
    session: AsyncSession, made: Decision, effect: Effect, reason: str, now: datetime
) -> None:
    """A decision that was pending takes no effect any more."""
    made.outcome = DecisionEffect(
        decision_id=made.id, effect=effect, at=now, stopped_office=False, reason=reason
    )
    await repository.no_longer_due(session, made.id)

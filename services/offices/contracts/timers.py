"""What time brings about: terminations take effect, gates open and close, notices are told."""

from collections.abc import Awaitable, Callable
from dataclasses import asdict
from datetime import datetime
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from services.offices.contracts import domain, repository
from services.offices.contracts.models import Contract, ExpiryNotice
from services.offices.contracts.repository import Due
from services.offices.contracts.service import keep, regate_all
from services.offices.gate.repository import due
from services.offices.licensing.models import Licence
from services.offices.registry import repository as registry
from services.offices.states import states
from shared import outbox
from shared.calendar import tehran_date
from shared.clock import Clock, world_now
from shared.database import Database

ROWS: Final = 100
CLOCK: Final = "clock"
"""Who a change by the clock alone is put down to."""


async def run(database: Database, clock: Clock) -> None:
    """All that is due by the world's clock, a bounded transaction at a time, one after another."""
    async with database.transaction() as session:
        now = await world_now(session, clock)
    for step in (terminate, regate_due, tell_licences, tell_contracts):
        await _all(database, step, now)


Step = Callable[[AsyncSession, datetime], Awaitable[int]]


async def _all(database: Database, step: Step, now: datetime) -> None:
    done = ROWS
    while done == ROWS:
        async with database.transaction() as session:
            done = await step(session, now)


async def terminate(session: AsyncSession, now: datetime) -> int:
    today = tehran_date(now)
    numbers = await repository.to_terminate(session, today, ROWS)
    offices = {number: await repository.office_of(session, number) for number in numbers}
    await registry.lock(session, offices.values())
    for number in numbers:
        contract = await repository.lock(session, number)
        status = domain.terminated(contract.status, contract.terminated_on, today)
        if status != contract.status:  # else it was set anew meanwhile
            contract.status = status
            await keep(session, contract, "terminated", contract.termination_reason, CLOCK, now)
    return len(numbers)


async def regate_due(session: AsyncSession, now: datetime) -> int:
    codes = await due(session, now, ROWS)
    offices = await registry.lock(session, codes)
    await regate_all(session, list(offices.values()), now)
    return len(codes)


async def tell_contracts(session: AsyncSession, now: datetime) -> int:
    notices = await repository.expiring(session, "contract", tehran_date(now), ROWS)
    found = await repository.contracts(session, notices)
    for contract_id, notice in notices.items():
        contract = found[contract_id]
        data = states(contract=contract) | asdict(notice)
        await outbox.append(session, "contract.expiring", data, time=now, subject=contract.number)
        session.add(_told("contract", contract, notice, now))
    return len(notices)


async def tell_licences(session: AsyncSession, now: datetime) -> int:
    notices = await repository.expiring(session, "licence", tehran_date(now), ROWS)
    found = await repository.licences(session, notices)
    for licence_id, notice in notices.items():
        licence = found[licence_id]
        data = states(licence=licence) | asdict(notice)
        await outbox.append(session, "licence.expiring", data, time=now, subject=licence.number)
        session.add(_told("licence", licence, notice, now))
    return len(notices)


def _told(paper: str, of: Contract | Licence, notice: Due, now: datetime) -> ExpiryNotice:
    return ExpiryNotice(
        paper=paper, paper_id=of.id, valid_until=of.valid_until, days=notice.days, told_at=now
    )

"""Use cases of a bank's branches: keep them, and what each cost centre's mail cost."""

from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from services.parcels.banking import repository
from services.parcels.banking.errors import BranchNotFound
from services.parcels.banking.events import BRANCH_SAVED, BranchState, branch_event
from services.parcels.banking.models import BankBranch
from services.parcels.banking.schemas import BranchIn, BranchOut, CostOut, CostsOut
from services.parcels.caches import Desk
from shared import outbox
from shared.calendar import Period
from shared.errors import Invalid
from shared.pagination import Page, cut


async def save(session: AsyncSession, desk: Desk, code: str, wanted: BranchIn) -> BranchOut:
    """The branch as sent: a cost centre holds for bookings from now on."""
    office = None
    if wanted.office is not None:
        office = (await desk.caches.directory.fresh()).named(wanted.office)
    branch = await repository.save(
        session,
        {
            "partner": desk.caller.account,
            "code": code,
            "name": wanted.name,
            "cost_centre": wanted.cost_centre,
            "office": office.id if office else None,
            "active": wanted.active,
            "updated_at": desk.now,
        },
    )
    state = BranchState.model_validate({"partner": branch.partner, **_fields(desk, branch)})
    await outbox.append(session, BRANCH_SAVED, branch_event(state), time=desk.now, subject=code)
    return BranchOut.model_validate(_fields(desk, branch))


async def get(session: AsyncSession, desk: Desk, code: str) -> BranchOut:
    await desk.caches.directory.fresh()
    found = await repository.get(session, desk.caller.account, code)
    if found is None:
        raise BranchNotFound(f"you have no branch {code}")
    return BranchOut.model_validate(_fields(desk, found))


async def listing(
    session: AsyncSession, desk: Desk, page: Page
) -> tuple[list[BranchOut], str | None]:
    """By code."""
    await desk.caches.directory.fresh()
    after = page.after_text()
    rows = await repository.listing(session, desk.caller.account, after, page.limit + 1)
    shown, cursor = cut(rows, page, lambda branch: [branch.code])
    return [BranchOut.model_validate(_fields(desk, branch)) for branch in shown], cursor


async def costs(session: AsyncSession, desk: Desk, text: str) -> CostsOut:
    """By cost centre and branch."""
    period = Period.parse(text)
    if period.month is None or period.day is not None:
        raise Invalid.field("query.month", "ask for a month, such as 1398-01")
    rows = await repository.costs(session, desk.caller.account, period.start_at, period.end_at)
    return CostsOut(month=str(period), items=[CostOut.model_validate(row) for row in rows])


def _fields(desk: Desk, branch: BankBranch) -> dict[str, Any]:
    office = desk.caches.directory.by_id.get(branch.office or 0)
    return {
        "code": branch.code,
        "name": branch.name,
        "cost_centre": branch.cost_centre,
        "office": office.code if office else None,
        "active": branch.active,
        "version": branch.version,
    }

"""Use cases of the rules of compensation: publish, list, and those in force on a day."""

from datetime import date
from typing import Final

from pydantic import TypeAdapter, ValidationError
from sqlalchemy.ext.asyncio import AsyncSession

from services.complaints.rules import repository
from services.complaints.rules.domain import Terms
from services.complaints.rules.errors import RulesExist, RulesPast, RulesUnknown
from services.complaints.rules.events import PUBLISHED, RulesEvent, RulesState
from services.complaints.rules.models import CompensationRules
from services.complaints.rules.schemas import NewRules, RulesOut
from shared import idempotency, outbox
from shared.auth import Caller
from shared.calendar import tehran_date
from shared.fields import Day
from shared.idempotency import Answer, Once
from shared.pagination import Page, cut, not_a_cursor

_TERMS: Final = TypeAdapter(Terms)
_KEY: Final = TypeAdapter(tuple[Day])


async def publish(session: AsyncSession, wanted: NewRules, *, caller: Caller, once: Once) -> Answer:
    """Rules from a day to come; claims opened before keep theirs."""

    async def make() -> tuple[str, RulesOut]:
        today = tehran_date(once.now)
        if wanted.valid_from <= today and "backfill" not in caller.scopes:
            raise RulesPast(f"valid_from is not after today: say a day after {today}")
        await repository.lock(session)
        if await repository.same(session, wanted.code, wanted.valid_from) is not None:
            raise RulesExist("rules have this code or this first day: choose another")
        made = CompensationRules(
            published_by=caller.id, published_at=once.now, **wanted.model_dump(mode="python")
        )
        await repository.add(session, made)
        told = RulesEvent(compensation_rules=RulesState.model_validate(made))
        data = told.model_dump(mode="json")
        await outbox.append(session, PUBLISHED, data, time=once.now, subject=made.code)
        return f"/v1/compensation-rules?on={made.valid_from}", RulesOut.model_validate(made)

    return await idempotency.created(session, once, make)


async def in_force(session: AsyncSession, on: date) -> tuple[str, Terms]:
    """The code and the terms that hold on a day."""
    found = await repository.in_force(session, on)
    if found is None:
        raise RulesUnknown(f"no rules of compensation are in force on {on}")
    return found.code, _TERMS.validate_python(found.terms)


async def of(session: AsyncSession, code: str) -> Terms:
    found = await repository.get(session, code)
    if found is None:
        raise RulesUnknown(f"no rules of compensation have the code {code}")
    return _TERMS.validate_python(found.terms)


async def listing(session: AsyncSession, page: Page) -> tuple[list[RulesOut], str | None]:
    try:
        after = None if page.after is None else _KEY.validate_python(page.after)[0]
    except ValidationError:
        raise not_a_cursor() from None
    rows = await repository.listing(session, after, page.limit + 1)
    shown, cursor = cut(rows, page, lambda row: [row.valid_from.isoformat()])
    return [RulesOut.model_validate(row) for row in shown], cursor


async def on_day(session: AsyncSession, on: date) -> RulesOut:
    found = await repository.in_force(session, on)
    if found is None:
        raise RulesUnknown(f"no rules of compensation are in force on {on}")
    return RulesOut.model_validate(found)

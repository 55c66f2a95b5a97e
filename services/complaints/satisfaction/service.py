"""Use cases of satisfaction: report it, what people say, follow the offices, count again."""

from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import Row
from sqlalchemy.ext.asyncio import AsyncSession

from services.complaints.events import OFFICE_EVENTS, OfficeEvent, OfficePayload
from services.complaints.satisfaction import domain, repository
from services.complaints.satisfaction.domain import By, Counts, figures, percent
from services.complaints.satisfaction.repository import Filter, Spans, counts_of
from services.complaints.satisfaction.schemas import Reasons, Recount, Satisfaction
from shared.calendar import Period
from shared.consumer import Consumer
from shared.pagination import Page, cut


async def _follow_offices(session: AsyncSession, page: Sequence[dict[str, Any]]) -> None:
    newest: dict[str, OfficePayload] = {}
    for event in page:
        office = OfficeEvent.model_validate(event["data"]).office
        known = newest.get(office.code)
        if known is None or known.version < office.version:
            newest[office.code] = office
    await repository.follow_offices(session, newest.values())


OFFICES: Final = Consumer("complaints.satisfaction", OFFICE_EVENTS, _follow_offices)


def spans(period: str, compared: domain.Compared) -> Spans:
    found = Period.parse(period)
    return Spans(found, domain.compared_with(found, compared))


async def report(
    session: AsyncSession, asked: Spans, wanted: Filter, by: By | None, page: Page
) -> Satisfaction:
    total = await repository.total(session, asked, wanted)
    shown: list[Row[Any]] = []
    cursor = None
    if by is not None:
        found = await repository.rows(session, asked, wanted, by, page.after_text(), page.limit + 1)
        shown, cursor = cut(found, page, lambda row: [row.key])
    return Satisfaction.model_validate(
        {
            "period": str(asked.period),
            "previous": str(asked.before),
            "by": by,
            "total": _compared(total),
            "rows": [
                {"key": row.key, "name": row.name, "rank": row.place, **_compared(row)}
                for row in shown
            ],
            "next": cursor,
        }
    )


def _compared(row: Any) -> dict[str, object]:
    return {**figures(counts_of(row)), "previous": figures(counts_of(row, "before_"))}


async def reasons(session: AsyncSession, asked: Spans, wanted: Filter) -> Reasons:
    total = await repository.total(session, asked, wanted)
    now, before = (_unsatisfied(counts_of(total, prefix)) for prefix in ("", "before_"))
    return Reasons.model_validate(
        {
            "period": str(asked.period),
            "previous": str(asked.before),
            "unsatisfied": now,
            "previous_unsatisfied": before,
            "rows": [
                {
                    "category": row.category,
                    "answers": row.answers,
                    "percent": percent(row.answers, now),
                    "previous_answers": row.before,
                    "previous_percent": percent(row.before, before),
                }
                for row in await repository.reasons(session, asked, wanted)
            ],
        }
    )


def _unsatisfied(counts: Counts) -> int:
    return counts.answered - counts.satisfied


async def recount(session: AsyncSession) -> Recount:
    satisfaction, reasoned = await repository.differing(session)
    return Recount(
        satisfaction_differing=satisfaction,
        reasons_differing=reasoned,
        clean=satisfaction == reasoned == 0,
    )

"""Use cases of decisions: write one, say what became of it, and what it must rest on."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy.ext.asyncio import AsyncSession

from services.offices.decisions import domain, repository
from services.offices.decisions.domain import Authority
from services.offices.decisions.errors import DecisionMissing
from services.offices.decisions.models import Decision, DecisionEffect
from services.offices.decisions.schemas import DecisionOut, Shown
from services.offices.meetings import repository as meetings
from services.offices.meetings.domain import SubjectKind
from shared import pagination
from shared.pagination import Page


@dataclass(frozen=True, slots=True)
class Basis:
    """What a decision rests on: its authority, the item or paper behind it, its words."""

    authority: Authority
    text: str
    item_id: UUID | None = None
    reference: str | None = None
    details: Mapping[str, Any] = field(default_factory=dict)


def decision(
    subject: tuple[SubjectKind, UUID],
    step: tuple[str, str | None, str],
    basis: Basis,
    *,
    by: str,
    now: datetime,
    effective_from: datetime | None = None,
) -> Decision:
    """A decision on a subject: `step` is its transition, the state before and the one after."""
    kind, subject_id = subject
    transition, before, after = step
    return Decision(
        id=uuid4(),
        subject_kind=kind,
        subject_id=subject_id,
        transition=transition,
        before=before,
        after=after,
        authority=basis.authority,
        item_id=basis.item_id,
        reference=basis.reference,
        text=basis.text,
        details=dict(basis.details),
        decided_by=by,
        decided_at=now,
        effective_from=effective_from or now,
        outcome=None,
    )


def applied(made: Decision, now: datetime, *, stopped_office: bool = False) -> None:
    made.outcome = DecisionEffect(
        decision_id=made.id, effect="applied", at=now, stopped_office=stopped_office
    )


async def resting_on(
    session: AsyncSession,
    allowed: frozenset[Authority],
    act: str,
    subject_id: UUID,
    shown: Shown,
    *,
    since: datetime | None = None,
    details: Mapping[str, Any] | None = None,
) -> Basis:
    """The authority for an act by the item or reference shown; 409 names what is missing.

    `since`: an item that was decided before is out of date.
    """
    authority = domain.authority(
        allowed, act, item=shown.item is not None, reference=shown.reference is not None
    )
    item_id = shown.item if authority == "working_group" else None
    if item_id is not None:
        await _check_item(session, item_id, act, subject_id, since)
    return Basis(authority, shown.text, item_id, shown.reference, details or {})


async def _check_item(
    session: AsyncSession, item_id: UUID, act: str, subject_id: UUID, since: datetime | None
) -> None:
    item = await meetings.item(session, item_id)
    if item.subject_id != subject_id or not domain.decides(act, item.matter, item.outcome):
        raise DecisionMissing(
            f"{act}: the item is on {item.matter} of {item.subject_kind} {item.subject_id} and"
            f" {item.outcome or 'not decided yet'}; send the one that decided this"
        )
    if await repository.item_is_used(session, item_id):
        raise DecisionMissing(f"{act}: the item was carried out already; a new vote is needed")
    if since is not None and item.decided_at is not None and item.decided_at < since:
        raise DecisionMissing(f"{act}: the item was decided before the last step; vote again")


async def listing(
    session: AsyncSession, subject_id: UUID, page: Page
) -> tuple[list[DecisionOut], str | None]:
    """Of an application or a licence, in the order they were made."""
    rows = await repository.listing(
        session, subject_id, after=page.after_int(), limit=page.limit + 1
    )
    shown, following = pagination.cut(rows, page, lambda row: [row.seq])
    return [DecisionOut.model_validate(row) for row in shown], following

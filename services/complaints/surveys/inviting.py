"""Use cases of inviting: after deliveries as parcels tells of them, and after closed cases."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from itertools import islice
from pathlib import Path
from typing import Any, Final, cast
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.complaints.cases.models import Case
from services.complaints.satisfaction import repository as satisfaction
from services.complaints.satisfaction.domain import Counts
from services.complaints.satisfaction.repository import Cell
from services.complaints.surveys import domain, repository
from services.complaints.surveys.domain import Kind, Sampling
from services.complaints.surveys.events import (
    HEARD,
    INVITED,
    WITHDRAWN,
    Delivery,
    InvitationState,
    deliveries,
)
from services.complaints.surveys.models import Invitation, Rule
from shared import outbox
from shared.auth import World, read_pepper
from shared.calendar import month_start, tehran_date
from shared.clock import Clock, world_now
from shared.consumer import Consumer
from shared.settings import ServiceSettings

ITEMS_PER_EVENT: Final = 1_000


@lru_cache(maxsize=8)
def _pepper(keys: Path) -> bytes:
    return read_pepper(keys)


def secret_of(session: AsyncSession, invitation: UUID) -> str:
    """The secret of a link, for who sends it. It goes into no table, event or log."""
    settings = cast("ServiceSettings", session.info["settings"])
    world = cast("World", session.info["world"])
    return domain.secret_of(_pepper(settings.keys), world, invitation)


def cell_of(invitation: Invitation) -> Cell:
    """Where it counts."""
    return Cell(
        invitation.month, invitation.kind, invitation.office or "", invitation.product or ""
    )


def deliveries_consumer(clock: Clock) -> Consumer:
    async def handle(session: AsyncSession, page: Sequence[dict[str, Any]]) -> None:
        told = list(deliveries(page))
        if told:
            await _follow(session, told, await world_now(session, clock))

    return Consumer("complaints.surveys", HEARD, handle)


async def _follow(session: AsyncSession, told: Sequence[Delivery], now: datetime) -> None:
    """Invite a sample of those that stand, take back what did not take place."""
    changes: dict[Cell, Counts] = defaultdict(Counts)
    for delivery in told:
        month = month_start(tehran_date(delivery.at))
        cell = Cell(month, "delivery", delivery.office or "", delivery.product)
        changes[cell] = changes[cell].plus(Counts(occasions=-1 if delivery.gone else 1))
    since = min(tehran_date(delivery.at) for delivery in told)
    rules = [_sampling(rule) for rule in await repository.rules(session, since)]
    chosen = [
        (_of_delivery(session, delivery, now), delivery.backfill)
        for delivery in told
        if not delivery.gone and _is_chosen(delivery, rules)
    ]
    fresh = await repository.invite(session, [made for made, _ in chosen]) if chosen else set()
    invited = [(made, backfill) for made, backfill in chosen if made.id in fresh]
    gone = {
        domain.invitation_id("delivery", str(delivery.event_id)): delivery.backfill
        for delivery in told
        if delivery.gone
    }
    taken_back = await repository.withdraw(session, list(gone), now) if gone else []
    withdrawn = [(made, gone[made.id]) for made in taken_back]
    for pairs, by in ((invited, 1), (withdrawn, -1)):
        for made, _ in pairs:
            changes[cell_of(made)] = changes[cell_of(made)].plus(Counts(invited=by))
    await _tell(session, INVITED, invited, now)
    await _tell(session, WITHDRAWN, withdrawn, now)
    await satisfaction.add(session, changes)


def _sampling(rule: Rule) -> Sampling:
    return Sampling(
        rule.office,
        rule.product,
        rule.rate_basis_points,
        rule.seed,
        rule.valid_from,
        rule.valid_until,
    )


def _is_chosen(delivery: Delivery, rules: Iterable[Sampling]) -> bool:
    rule = domain.rule_of(rules, delivery.office, delivery.product, tehran_date(delivery.at))
    return rule is not None and domain.is_chosen(
        delivery.barcode,
        delivery.office or "",
        delivery.product,
        rule.seed,
        rule.rate_basis_points,
    )


def _of_delivery(session: AsyncSession, delivery: Delivery, now: datetime) -> Invitation:
    """A backfilled one is dated by the delivery, as all that is written later is."""
    return _invitation(
        session,
        "delivery",
        (str(delivery.event_id), delivery.barcode),
        (delivery.office, delivery.product),
        (delivery.at, delivery.at if delivery.backfill else now),
    )


def _invitation(
    session: AsyncSession,
    kind: Kind,
    about: tuple[str, str],
    counted: tuple[str | None, str | None],
    at: tuple[datetime, datetime],
) -> Invitation:
    """`about`: its cause and subject; `counted`: office, product; `at`: occurred, invited."""
    key = domain.invitation_id(kind, about[0])
    occurred_at, invited_at = at
    return Invitation(
        id=key,
        kind=kind,
        subject=about[1],
        office=counted[0],
        product=counted[1],
        month=month_start(tehran_date(occurred_at)),
        occurred_at=occurred_at,
        invited_at=invited_at,
        expires_at=invited_at + domain.ANSWER_WITHIN,
        secret_hash=domain.secret_hash(secret_of(session, key)),
    )


async def invite_for_case(
    session: AsyncSession, case: Case, now: datetime, *, office: str | None = None
) -> None:
    """After a case was closed, in that transaction: once a case, however often it is closed.

    `office`: the one that is responsible, where it is known; else the one that the case is about,
    or that had the parcel last.
    """
    parcel = await repository.parcel_of(session, case.id)
    known, product = (None, None) if parcel is None else _last_seen(parcel)
    occurred_at = case.closed_at or now
    made = _invitation(
        session,
        "case",
        (case.number, case.number),
        (office or case.office or known, product),
        (occurred_at, occurred_at),
    )
    if await repository.invite(session, [made]):
        await _tell(session, INVITED, [(made, occurred_at < now)], now)
        await satisfaction.add(session, {cell_of(made): Counts(occasions=1, invited=1)})


def _last_seen(parcel: Mapping[str, Any]) -> tuple[str | None, str | None]:
    """The office that had the parcel last, and its product."""
    seen = [event["office"] for event in parcel["events"] if event["office"] is not None]
    return seen[-1] if seen else parcel["origin_office"], parcel["product"]


async def _tell(
    session: AsyncSession, event_type: str, told: Sequence[tuple[Invitation, bool]], now: datetime
) -> None:
    """An event a thousand of them; a single one's subject is its id."""
    left = iter(told)
    while batch := list(islice(left, ITEMS_PER_EVENT)):
        items = [
            InvitationState(backfill=backfill, **_state(made)).model_dump(mode="json")
            for made, backfill in batch
        ]
        await outbox.append(session, event_type, {"items": items}, time=now)


def _state(made: Invitation) -> dict[str, Any]:
    fields = InvitationState.model_fields.keys() - {"backfill"}
    return {name: getattr(made, name) for name in fields}

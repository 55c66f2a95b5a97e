"""Use cases of messages: hear of events, tell recipients, keep the words and the quiet hours."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, time
from typing import Any, Final, cast
from uuid import UUID, uuid5

import structlog
from sqlalchemy import Row
from sqlalchemy.ext.asyncio import AsyncSession

from services.parcels.booking import service as booking
from services.parcels.config import Settings
from services.parcels.delivery import service as delivery
from services.parcels.delivery.events import CODE_REISSUED
from services.parcels.events import BOOKED
from services.parcels.messages import domain, repository
from services.parcels.messages.domain import Kind, Language
from services.parcels.messages.errors import TemplateNotFound
from services.parcels.messages.events import QUIET_HOURS_SET, REWORDED, Invited
from services.parcels.messages.models import MessageTemplate, QuietHours
from services.parcels.messages.repository import Outcome, Telling
from services.parcels.messages.schemas import (
    MessageOut,
    QuietHoursIn,
    QuietHoursOut,
    TemplateOut,
)
from services.parcels.network.service import Directory
from shared import outbox
from shared.auth import Caller, World, read_pepper
from shared.calendar import jalali_date, tehran_date
from shared.clock import Clock, world_now
from shared.database import Database
from shared.derived import derived_secret
from shared.errors import Invalid
from shared.feed import event_items
from shared.identifiers import barcode_of, item_id_fast
from shared.sms import Outgoing, ProviderAwayError, RefusedByProviderError, Sender
from shared.text import persian_digits

log = structlog.get_logger(__name__)

Handler = Callable[[AsyncSession, Sequence[dict[str, Any]]], Awaitable[None]]
BATCH_MAX: Final = 100
_AT_ONCE: Final = 8
_REFERENCES: Final = UUID("0d1c0b0a-6c0e-5a44-8f11-b0d5a6f0a7c2")


def on_events(clock: Clock) -> Handler:
    """Consumer of what recipients hear of. Backfilled and old news is told to nobody."""

    async def handle(session: AsyncSession, events: Sequence[dict[str, Any]]) -> None:
        now = await world_now(session, clock)
        quiet = await repository.quiet_hours(session)
        found = [
            Telling(item, kind, event_id, at, domain.due(now, quiet.quiet_from, quiet.quiet_until))
            for event in events
            for item, kind, event_id, at in _told_of(event)
            if now - at <= domain.NEWS_FOR
        ]
        if found:
            await repository.queue(session, found, now)

    return handle


def on_invitations(clock: Clock) -> Handler:
    """Consumer of complaints' surveys: recipients get the link to the one about their parcel."""

    async def handle(session: AsyncSession, events: Sequence[dict[str, Any]]) -> None:
        now = await world_now(session, clock)
        quiet = await repository.quiet_hours(session)
        due = domain.due(now, quiet.quiet_from, quiet.quiet_until)
        found = [
            Telling(item, "survey", invited.id, invited.invited_at, due)
            for event in events
            for invited in map(Invited.model_validate, event["data"]["items"])
            if invited.kind == "delivery" and not invited.backfill
            if now - invited.invited_at <= domain.NEWS_FOR
            if (item := item_id_fast(invited.subject)) is not None
        ]
        if found:
            await repository.queue(session, found, now)

    return handle


def _told_of(event: dict[str, Any]) -> Iterable[tuple[int, Kind, UUID, datetime]]:
    if event["type"] == CODE_REISSUED:
        item = item_id_fast(event["data"]["delivery_code"]["barcode"])
        if item is not None:
            at = datetime.fromisoformat(event["time"])
            yield item, "code_reissued", uuid5(_REFERENCES, event["id"]), at
        return
    for told in event_items(event):
        item = item_id_fast(told["barcode"])  # other posts' items have no phone
        if item is None or told["backfill"]:
            continue
        if event["type"] == BOOKED:
            yield item, "booked", domain.BOOKING, datetime.fromisoformat(told["booked_at"])
        elif (kind := domain.KIND_OF.get(told["status"])) is not None:
            yield item, kind, UUID(told["event_id"]), datetime.fromisoformat(told["occurred_at"])


@dataclass(frozen=True, slots=True)
class Post:
    """What sending needs: where from, by whom, which offices there are."""

    database: Database
    clock: Clock
    world: World
    sender: Sender
    directory: Directory


async def send_due(post: Post) -> None:
    """Send all that is due, a batch at a time; no transaction is open while the provider works."""
    await post.directory.fresh()
    while await _send_batch(post) == BATCH_MAX:
        pass


async def _send_batch(post: Post) -> int:
    async with post.database.transaction() as session:
        now = await world_now(session, post.clock)
        quiet = await repository.quiet_hours(session)
        if domain.due(now, quiet.quiet_from, quiet.quiet_until) > now:
            return 0  # due in the evening and late, or the hours were changed: in the morning
        taken = await repository.claim(session, now, BATCH_MAX)
    if not taken:
        return 0
    async with post.database.transaction() as session:
        prepared = await _prepared(session, post, taken, now)
    gate = asyncio.Semaphore(_AT_ONCE)
    outcomes = await asyncio.gather(
        *(_one(post, row, made, gate, now) for row, made in zip(taken, prepared, strict=True))
    )
    async with post.database.transaction() as session:
        for row, outcome in zip(taken, outcomes, strict=True):
            await repository.settle(session, row, outcome, now)
    return len(taken)


async def _prepared(
    session: AsyncSession, post: Post, taken: Sequence[Row[Any]], now: datetime
) -> list[Outgoing | str]:
    """What goes out, or why nothing does."""
    about = await repository.about(session, {row.item_id for row in taken})
    words = {(t.kind, t.language): t.text for t in await repository.templates(session)}
    made: list[Outgoing | str] = []
    for row in taken:
        item = about.get(row.item_id)
        if item is None or item.recipient_phone is None:
            made.append("nobody_to_tell")
        elif item.status not in domain.STILL_TRUE[row.kind]:
            made.append("no_longer_so")
        elif now - row.occurred_at > 2 * domain.NEWS_FOR:
            made.append("too_old")
        else:
            language = domain.language_of(item.recipient_phone)
            template = words[row.kind, language]
            values = await _values(session, post, item, template, language)
            values["link"] = _link(session, post, row) if "{link}" in template else ""
            reference = uuid5(_REFERENCES, f"{row.item_id}:{row.kind}:{row.event_id}")
            text = domain.rendered(template, values)
            made.append(Outgoing(reference, item.recipient_phone, text))
    return made


async def _values(
    session: AsyncSession, post: Post, item: Row[Any], template: str, language: Language
) -> dict[str, str]:
    """Codes are asked for only where the words have a place for one."""
    office = post.directory.by_id.get(item.office or item.custodian_id or 0)
    until = ""
    if item.until is not None:
        until = (
            persian_digits(jalali_date(item.until).replace("-", "/"))
            if language == "fa"
            else tehran_date(item.until).isoformat()
        )
    code = ""
    if "{code}" in template:
        code = await delivery.code_of(session, post.world, item.item_id)
    return {
        "barcode": barcode_of(item.item_id),
        "office": office.name if office else "",
        "until": until,
        "code": code,
    }


def _link(session: AsyncSession, post: Post, row: Row[Any]) -> str:
    """To a survey; it goes into no table and no log. Of any other message there is none."""
    settings = cast("Settings", session.info["settings"])
    if row.kind != "survey":
        return ""
    pepper = read_pepper(settings.keys)
    secret = derived_secret(pepper, "survey", post.world, str(row.event_id))
    return domain.survey_link(settings.survey_page, secret, row.event_id)


async def _one(
    post: Post, row: Row[Any], made: Outgoing | str, gate: asyncio.Semaphore, now: datetime
) -> Outcome:
    if isinstance(made, str):
        return Outcome("dropped", now, reason=made)
    try:
        async with gate:
            return Outcome("sent", now, provider_id=await post.sender.send(made))
    except RefusedByProviderError as error:
        return Outcome("failed", now, reason=str(error))
    except (ProviderAwayError, OSError) as error:
        log.warning("message_waits", kind=row.kind, attempts=row.attempts, error=str(error)[:200])
        if row.attempts >= domain.TRIES_MAX:
            return Outcome("failed", now, reason=f"gave up: {error}"[:200])
        return Outcome("queued", now + domain.pause_after(row.attempts), reason=str(error)[:200])


async def of_parcel(session: AsyncSession, caller: Caller, barcode: str) -> list[MessageOut]:
    """Of one's own parcel, in the order of its events; ParcelNotFound for another's."""
    parcel = await booking.get(session, caller, barcode)
    return [
        MessageOut.model_validate(message, from_attributes=True)
        for message in await repository.of_item(session, parcel.item_id)
    ]


async def templates(session: AsyncSession) -> list[TemplateOut]:
    return [_template(found) for found in await repository.templates(session)]


async def reword(
    session: AsyncSession, kind: Kind, language: Language, text: str, by: Caller, now: datetime
) -> TemplateOut:
    """Holds for what is sent from now on."""
    found = await repository.template(session, kind, language)
    if found is None:
        raise TemplateNotFound(f"there is no template {kind} in {language}")
    if bad := domain.unknown_fields(text):
        known = ", ".join(f"{{{name}}}" for name in sorted(domain.FIELDS))
        raise Invalid.field("body.text", f"{bad[0]} is no place to fill: there are {known}")
    found.text, found.version, found.updated_at = text, found.version + 1, now
    await session.flush()
    template = _template(found)
    data = {"message_template": template.model_dump(mode="json"), "by": by.id}
    await outbox.append(session, REWORDED, data, time=now, subject=f"{kind}/{language}")
    return template


def _template(found: MessageTemplate) -> TemplateOut:
    return TemplateOut.model_validate(found, from_attributes=True)


async def quiet_hours(session: AsyncSession) -> QuietHoursOut:
    return _quiet(await repository.quiet_hours(session))


async def set_quiet_hours(
    session: AsyncSession, wanted: QuietHoursIn, by: Caller, now: datetime
) -> QuietHoursOut:
    found = await repository.quiet_hours(session, lock=True)
    found.quiet_from = _time(wanted.quiet_from, "body.quiet_from")
    found.quiet_until = _time(wanted.quiet_until, "body.quiet_until")
    found.version, found.updated_at = found.version + 1, now
    await session.flush()
    hours = _quiet(found)
    data = {"quiet_hours": hours.model_dump(mode="json"), "by": by.id}
    await outbox.append(session, QUIET_HOURS_SET, data, time=now, subject="quiet_hours")
    return hours


def _time(written: str, field: str) -> time:
    try:
        return datetime.strptime(written, "%H:%M").time()  # noqa: DTZ007 - an hour of any day
    except ValueError:
        raise Invalid.field(field, "write hours and minutes, as 21:00") from None


def _quiet(found: QuietHours) -> QuietHoursOut:
    return QuietHoursOut.model_validate(found, from_attributes=True)

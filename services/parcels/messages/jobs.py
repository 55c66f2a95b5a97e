"""Hears what recipients are told, and tells them."""

from typing import Final, cast

from services.parcels.config import Settings
from services.parcels.delivery.events import CODE_REISSUED
from services.parcels.dependencies import caches_of
from services.parcels.events import BOOKED, STATUS_CHANGED
from services.parcels.messages import service
from services.parcels.messages.events import INVITED
from services.parcels.messages.senders import FileSender, Sender, sender_of
from services.parcels.messages.service import Post
from shared.auth import World
from shared.consumer import Consumer
from shared.work import Work

MESSAGES_S: Final = 2


def add(found: Work) -> None:
    """Where there is somebody to carry messages; the sandbox's go to nobody's phone."""
    runtime = found.runtime
    settings = cast("Settings", runtime.settings)
    sender = sender_of(settings.sms, settings.sms_token)
    if sender is None:
        return
    senders: dict[World, Sender] = {"live": sender, "test": FileSender(None)}
    heard = (BOOKED, STATUS_CHANGED, CODE_REISSUED)
    follow = service.on_events(runtime.clock)
    found.consume("parcels", Consumer("parcels.messages", heard, follow))
    if settings.survey_page:
        follow = service.on_invitations(runtime.clock)
        found.consume("complaints", Consumer("parcels.surveys", (INVITED,), follow))

    async def send(world: World) -> None:
        directory = caches_of(runtime, world).directory
        database = runtime.databases[world]
        await service.send_due(Post(database, runtime.clock, world, senders[world], directory))

    found.timer("messages", MESSAGES_S, send)

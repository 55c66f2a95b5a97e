"""What people sign in by, in one process: where accounts are, the hasher, who carries codes."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from services.gateway.config import Settings
from shared import sms
from shared.auth import read_pepper
from shared.database import Database
from shared.passwords import Hasher
from shared.runtime import Runtime


@dataclass(frozen=True, slots=True)
class People:
    """`database`: the live one, where accounts of both worlds are. No `sender`: no codes."""

    database: Database
    pepper: bytes = field(repr=False)
    hasher: Hasher
    sender: sms.Sender | None


@asynccontextmanager
async def opened(runtime: Runtime, settings: Settings) -> AsyncIterator[People]:
    sender = sms.sender_of(settings.sms, settings.sms_token)
    try:
        live = runtime.databases["live"]
        yield People(live, read_pepper(settings.keys), Hasher(), sender)
    finally:
        if sender is not None:
            await sender.close()

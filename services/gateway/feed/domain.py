"""One thing that a partner is told, and how its page of them reads. Pure."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha1
from typing import Any, Final, Self
from uuid import UUID

from shared.calendar import jalali_date

PAGE_MAX: Final = 500
_TIME_BYTES: Final = 6


@dataclass(frozen=True, slots=True)
class News:
    """`data` is JSON, passed on as it stands; `sequence` is 0 until the partner's feed has it."""

    partner: UUID
    id: UUID
    type: str
    subject: str
    time: str
    data: str
    sequence: int = 0

    def numbered(self, sequence: int) -> Self:
        return replace(self, sequence=sequence)

    def text(self) -> str:
        """As the feed shows it."""
        head = {"sequence": self.sequence, "type": self.type, "timestamp": self.time}
        return json.dumps(head, ensure_ascii=False)[:-1] + f', "data": {self.data}}}'


def news_id(event: UUID, subject: str, occurrence: str) -> UUID:
    """The same however often the event is read; it begins as the event's own does: with its time.

    So the index over ids grows at its end, as it would not with hashes.
    """
    # as uuid5(event, …), which would make three more UUIDs on the way
    name = f"{subject} {occurrence}".encode()
    digest = sha1(event.bytes + name, usedforsecurity=False).digest()
    return UUID(bytes=event.bytes[:_TIME_BYTES] + digest[_TIME_BYTES:16], version=5)


@dataclass(frozen=True, slots=True)
class FeedPage:
    """What one look at a partner's feed finds: events after a number, up to the head."""

    epoch: str
    floor: int
    head: int
    news: Sequence[News]

    def body(self, after: int) -> bytes:
        upto = self.news[-1].sequence if self.news else after
        head = {"epoch": self.epoch, "after": after, "next": upto, "head": self.head}
        items = ", ".join(one.text() for one in self.news)
        return (json.dumps(head)[:-1] + f', "items": [{items}]}}').encode()


def json_of(data: Mapping[str, Any]) -> str:
    return json.dumps(data, ensure_ascii=False, separators=(",", ":"))


def month_of(at: datetime) -> int:
    """The Jalali month of an instant in Tehran, as 139705."""
    return int(jalali_date(at).replace("-", "")[:6])

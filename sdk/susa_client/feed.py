"""The events of a partner in their order, none skipped and none repeated, across restarts."""

import json
import os
import re
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final, Protocol

from susa_client.call import Call
from susa_client.errors import Gone, SusaError
from susa_client.flow import Core, Emit, Stream
from susa_client.models.base import Answer
from susa_client.models.events import told

PAGE: Final = 200
WAIT_S: Final = 20.0
MARGIN_S: Final = 15.0
"""How much longer than it asked for a request for news is waited for."""


@dataclass(frozen=True, slots=True)
class Cursor:
    """How far one has come: `after` is the number of the last event that is done with.

    `epoch` names the feed that it is a number of; None before the first page.
    """

    after: int = 0
    epoch: str | None = None


class CursorStore(Protocol):
    def load(self) -> Cursor | None:
        """What was saved last; None at first."""

    def save(self, cursor: Cursor) -> None:
        """Returns when it is safe."""


@dataclass(slots=True)
class MemoryCursor:
    """Gone with the process: for tests, or where the cursor is kept with the effect."""

    cursor: Cursor | None = None

    def load(self) -> Cursor | None:
        return self.cursor

    def save(self, cursor: Cursor) -> None:
        self.cursor = cursor


@dataclass(frozen=True, slots=True)
class FileCursor:
    """A small file, exchanged as a whole and synced; it has one reader at a time."""

    path: str | os.PathLike[str]

    def load(self) -> Cursor | None:
        """ValueError where the file is not a cursor's: better to stop than to begin anew."""
        try:
            text = Path(self.path).read_text()
        except FileNotFoundError:
            return None
        found = json.loads(text)
        if not isinstance(found, dict) or not isinstance(found.get("after"), int):
            raise ValueError(f"{self.path} holds no cursor")  # noqa: TRY004 - the file's content
        return Cursor(found["after"], found.get("epoch"))

    def save(self, cursor: Cursor) -> None:
        path = Path(self.path)
        with tempfile.NamedTemporaryFile("w", dir=path.parent, delete=False) as draft:
            json.dump({"after": cursor.after, "epoch": cursor.epoch}, draft)
            draft.flush()
            os.fsync(draft.fileno())
        Path(draft.name).replace(path)
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)  # the exchange itself is safe only with its folder
        finally:
            os.close(folder)


@dataclass(frozen=True, slots=True)
class Event:
    """`sequence`: yours alone, from 1, without gaps. `cursor`: what to keep when it is done."""

    sequence: int
    type: str
    timestamp: datetime
    data: dict[str, Any]
    cursor: Cursor

    def told(self) -> Answer:
        """The data as a model of its type."""
        return told(self.type, self.data)


class EventOut(Answer):
    sequence: int
    type: str
    timestamp: datetime
    data: dict[str, Any]


class EventPage(Answer):
    epoch: str
    after: int
    next: int
    head: int
    items: list[EventOut]

    def events(self) -> Iterator[Event]:
        for one in self.items:
            cursor = Cursor(one.sequence, self.epoch)
            yield Event(one.sequence, one.type, one.timestamp, one.data, cursor)


class FeedGap(SusaError):  # noqa: N818 - said of a feed
    """A number is missing, which the post says cannot be. Nothing after it was handed out."""


class FeedMoved(SusaError):  # noqa: N818 - said of a feed
    """The feed cannot go on where this reader is: old events are gone, or it was restored.

    Compare what you know with `parcels.list(changed_since=…)`, save `resume`, follow again.
    """

    def __init__(self, code: str, detail: str, resume: Cursor) -> None:
        self.code = code
        self.resume = resume
        super().__init__(f"{code}: {detail}")


def read(cursor: Cursor, wait_s: float, limit: int) -> Call[EventPage]:
    params: Mapping[str, object] = {
        "after": cursor.after,
        "wait": wait_s,
        "limit": limit,
        "epoch": cursor.epoch,
    }
    return Call("GET", "/v1/events", EventPage, params=params)


def followed(core: Core, store: CursorStore, wait_s: float | None, limit: int) -> Stream[Event]:
    """Without end; with `wait_s` None until all that there is now was handed out.

    An event counts as done when the next one is asked for: only then is its cursor saved.
    """
    cursor = store.load() or Cursor()
    timeout_s = None if wait_s is None else wait_s + MARGIN_S
    while True:
        call = read(cursor, wait_s or 0, limit)
        try:
            page = yield from core.exchange(call, timeout_s)
        except Gone as gone:
            raise _moved(gone) from gone
        for event in page.events():
            if event.sequence != cursor.after + 1:
                raise FeedGap(f"event {event.sequence} came after {cursor.after}")
            yield Emit(event)
            cursor = event.cursor
            store.save(cursor)
        if wait_s is None and cursor.after >= page.head:
            return


def _moved(gone: Gone) -> FeedMoved:
    onward = re.search(r"[?&]after=(\d+)", gone.headers.get("Link", ""))
    return FeedMoved(gone.code, gone.detail, Cursor(int(onward[1]) if onward else 0))

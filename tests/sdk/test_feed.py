"""A reader that may be stopped anywhere: each event has its effect once, in order."""

import json
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.gateway.events import TOLD
from susa_client import Cursor, FeedGap, FeedMoved, FileCursor, MemoryCursor
from susa_client.feed import followed
from susa_client.models.events import OF_TYPE, ParcelStatusChanged, Unknown, told
from tests.sdk.driving import Driven, answered, refused
from tests.sdk.test_flow import core

EPOCH = "0198b0f0-0000-7000-8000-00000000abcd"
DATA = {
    "barcode": "0644",
    "version": 2,
    "event": "acceptance",
    "event_id": "e",
    "status": "accepted",
    "occurred_at": "2019-03-21T08:00:00Z",
}


def event(n: int) -> dict[str, Any]:
    at = "2019-03-21T08:00:00+00:00"
    return {"sequence": n, "type": "parcel.status_changed", "timestamp": at, "data": DATA}


def page(first: int, last: int, head: int) -> httpx.Response:
    items = [event(n) for n in range(first, last + 1)]
    after = first - 1
    return answered(
        200, {"epoch": EPOCH, "after": after, "next": last, "head": head, "items": items}
    )


class Feed:
    """What the post would answer: it has `head` events; pages of `limit`."""

    def __init__(self, head: int, limit: int) -> None:
        self.head, self.limit = head, limit

    def answer(self, request: httpx.Request) -> httpx.Response:
        after = int(request.url.params["after"])
        last = min(self.head, after + self.limit)
        return page(after + 1, last, self.head)


class Served(Driven):
    def __init__(self, feed: Feed) -> None:
        super().__init__(self._answers(feed))

    def _answers(self, feed: Feed) -> Any:
        while True:
            yield feed.answer(self.sent[-1])


class CrashError(Exception):
    pass


@given(
    head=st.integers(0, 12),
    limit=st.integers(1, 5),
    crashes=st.lists(st.integers(1, 12), max_size=4),
)
def test_kept_with_the_effect_each_is_done_once(head: int, limit: int, crashes: list[int]) -> None:
    """The cursor is saved in the transaction of the effect; crashes lose the transaction or not."""
    done: list[int] = []
    kept = MemoryCursor()
    left = list(crashes)

    def consume() -> None:
        for one in Served(Feed(head, limit)).items(followed(core(), kept, None, limit)):
            if left and one.sequence == left[0]:
                left.pop(0)
                raise CrashError
            done.append(one.sequence)
            kept.save(one.cursor)

    for _ in range(len(crashes) + 1):
        try:
            consume()
        except CrashError:
            continue
        break
    assert done == list(range(1, head + 1))


def test_a_file_goes_on_where_the_last_one_was_done(tmp_path: Path) -> None:
    store = FileCursor(tmp_path / "cursor.json")
    assert store.load() is None
    stream: Any = Served(Feed(5, 2)).items(followed(core(), store, 20, 2))
    seen = [next(stream).sequence for _ in range(3)]
    stream.close()
    # the third was handed out, but nothing says that it was done: it comes again
    assert seen == [1, 2, 3]
    assert store.load() == Cursor(2, EPOCH)
    again = Served(Feed(5, 2))
    assert [one.sequence for one in again.items(followed(core(), store, None, 2))] == [3, 4, 5]
    assert again.sent[0].url.params["epoch"] == EPOCH
    assert [path.name for path in tmp_path.iterdir()] == ["cursor.json"]
    (tmp_path / "cursor.json").write_text(json.dumps({"after": "x"}))
    with pytest.raises(ValueError, match="no cursor"):
        store.load()


def test_a_number_that_is_missing_stops_it() -> None:
    for answer in (page(2, 3, 3), answered(200, {**_read(page(1, 1, 2)), "items": [event(2)]})):
        kept = MemoryCursor()
        with pytest.raises(FeedGap):
            Driven([answer]).run(followed(core(), kept, None, 10))
        assert kept.cursor is None


def test_a_feed_that_moved_says_where_to_go_on() -> None:
    for code in ("cursor_expired", "feed_restarted"):
        answer = refused(410, code, Link='</v1/events?after=41>; rel="next"')
        with pytest.raises(FeedMoved) as caught:
            Driven([answer]).run(followed(core(), MemoryCursor(Cursor(7, EPOCH)), 20, 10))
        assert (caught.value.code, caught.value.resume) == (code, Cursor(41))


def test_data_is_typed_by_the_event_and_what_is_new_is_unknown() -> None:
    assert isinstance(told("parcel.status_changed", DATA), ParcelStatusChanged)
    assert told("parcel.teleported", {"to": "moon"}) == Unknown(data={"to": "moon"})


@pytest.mark.parametrize("type_", OF_TYPE)
def test_models_have_what_the_gateway_tells(type_: str) -> None:
    """Field for field, and none required that the gateway may leave out."""
    theirs = {n: f for n, f in TOLD[type_].model_fields.items() if not f.exclude}
    ours = OF_TYPE[type_].model_fields
    assert ours.keys() - theirs.keys() <= {"reference"}
    assert theirs.keys() - ours.keys() == set()
    required = {name for name, field in ours.items() if field.is_required()}
    assert required <= {name for name, field in theirs.items() if field.is_required()}


def _read(answer: httpx.Response) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(answer.content)
    return found

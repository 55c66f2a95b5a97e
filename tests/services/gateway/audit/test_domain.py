"""Whatever is tampered with in a chain, walking it finds it."""

from dataclasses import replace
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from services.gateway.audit.domain import (
    PROVINCE,
    Deed,
    Fault,
    Head,
    Link,
    Mark,
    Walk,
    beginning,
    compared,
    deeds_of,
    linked,
    mark_after,
    mark_hash,
    marks_by_chain,
    walk_marks,
)

CHAIN = "0198a000-0000-7000-8000-000000000001"
words = st.text(alphabet='abcآب{}":,0', max_size=6)
deeds = st.builds(
    Deed,
    source=st.sampled_from(["parcels", "gateway"]),
    event=st.uuids().map(str),
    type=st.sampled_from(["payee.registered", "refund.decided"]),
    subject=st.none() | words,
    time=st.just("2019-03-21T08:00:00Z"),
    data=words,
)


class Book:
    """A chain as it grew, with the checkpoints that were made on the way."""

    def __init__(self, written: list[Deed], marked: set[int]) -> None:
        self.links: list[Link] = []
        self.heads = [beginning(CHAIN)]
        self.marks: list[Mark] = []
        for deed in written:
            link = linked(self.heads[-1], deed)
            self.links.append(link)
            self.heads.append(Head(CHAIN, link.seq, link.hash))
            if link.seq in marked:
                last = self.marks[-1] if self.marks else None
                self.marks.append(mark_after(last, f"at {link.seq}", [self.heads[-1]]))

    def faults(
        self, links: list[Link], head: Head | None, marks: list[Mark] | None = None
    ) -> list[Fault]:
        kept = self.marks if marks is None else marks
        seen = marks_by_chain([*kept, *self.marks])  # the file's are as they were
        walk = Walk(CHAIN, seen.get(CHAIN, {}))
        for link in links:
            walk.step(link)
        return [*walk.end(head), *walk_marks(kept), *compared(kept, self.marks)]


books = st.builds(
    Book, st.lists(deeds, min_size=1, max_size=12), st.sets(st.integers(1, 12), max_size=4)
)


@given(books)
@settings(max_examples=60)
def test_an_honest_chain_is_clean(book: Book) -> None:
    assert book.faults(book.links, book.heads[-1]) == []


def edited(data: st.DataObject, link: Link) -> Link:
    """With another value somewhere."""
    where = data.draw(st.sampled_from(["source", "type", "subject", "time", "data", "event"]))
    now = getattr(link.deed, where)
    other = data.draw(words.filter(lambda word: word != now))
    changes: dict[str, Any] = {where: other}
    return replace(link, deed=replace(link.deed, **changes))


def rewritten(links: list[Link], start: int, deed: Deed) -> list[Link]:
    """As one who knows how it is done would: the entry, and all after it hashed anew."""
    head = Head(CHAIN, links[start].seq - 1, links[start].prev)
    made = links[:start]
    for old in [deed, *(link.deed for link in links[start + 1 :])]:
        link = linked(head, old)
        made.append(link)
        head = Head(CHAIN, link.seq, link.hash)
    return made


def tampered(links: list[Link], at: int, data: st.DataObject) -> list[Link]:
    """In one of the ways there are."""
    left = links[:at] + links[at + 1 :]
    other = edited(data, links[at])
    shown = data.draw(st.sampled_from(links))
    ways = [
        [*links[:at], other, *links[at + 1 :]],
        rewritten(links, at, other.deed),
        left,
        [replace(link, seq=n) for n, link in enumerate(left, 1)],
        links[:at],
        [*links[:at], shown, *links[at:]],
    ]
    if left:
        ways.append([*left[-1:], *left[:-1], links[at]] if at == 0 else [links[at], *left])
    return data.draw(st.sampled_from(ways))


@given(books, st.data())
@settings(max_examples=200)
def test_tampering_is_found(book: Book, data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(book.links) - 1))
    links = tampered(book.links, at, data)
    assert book.faults(links, book.heads[-1])
    assert book.faults(book.links, None)  # a head taken away, or signed by another


@given(books, st.data())
@settings(max_examples=60)
def test_a_head_set_back_is_found_by_a_checkpoint(book: Book, data: st.DataObject) -> None:
    """An old head has our signature: what gives it away is what was noted since."""
    if not book.marks:
        return
    noted = max(marks_by_chain(book.marks)[CHAIN])
    back = data.draw(st.integers(0, noted - 1))
    assert book.faults(book.links[:back], book.heads[back])
    # the checkpoints of the database cut too: the file knows
    kept = [m for m in book.marks if max(marks_by_chain([m])[CHAIN]) <= back]
    assert book.faults(book.links[:back], book.heads[back], kept)


@given(books, st.data())
@settings(max_examples=60)
def test_checkpoints_that_were_tampered_with_are_found(book: Book, data: st.DataObject) -> None:
    if not book.marks:
        return
    marks = list(book.marks)
    at = data.draw(st.integers(0, len(marks) - 1))
    match data.draw(st.sampled_from(["edit", "forge", "delete"])):
        case "edit":
            marks[at] = replace(marks[at], heads="[]")
        case "forge":
            m = marks[at]
            marks[at] = replace(m, heads="[]", hash=mark_hash(m.number, m.at, "[]", m.prev))
        case _:
            del marks[at]
    assert book.faults(book.links, book.heads[-1], marks)


def test_whose_chain_it_is() -> None:
    def told(type_: str, data: dict[str, Any]) -> list[tuple[str, str]]:
        event = {"id": "e", "type": type_, "time": "t", "data": data}
        return [(chain, deed.data) for chain, deed in deeds_of("parcels", event)]

    assert told("payee.registered", {"payee": {"partner": CHAIN}})[0][0] == CHAIN
    assert told("payment_order.paid", {"payment_order": {"beneficiary": CHAIN}})[0][0] == CHAIN
    assert told("invoice.issued", {"partner": CHAIN, "invoice": {}})[0][0] == CHAIN
    assert told("partner.created", {"partner": {"id": CHAIN}})[0][0] == CHAIN
    assert told("vat_rate.set", {"vat_rate": {"percent": 9}})[0][0] == PROVINCE
    items = [{"partner": CHAIN, "n": 1}, {"partner": None, "n": 2}, {"partner": CHAIN, "n": 3}]
    assert told("parcel.repriced", {"items": items}) == [
        (CHAIN, '{"items":[{"n":1,"partner":"' + CHAIN + '"},{"n":3,"partner":"' + CHAIN + '"}]}'),
        (PROVINCE, '{"items":[{"n":2,"partner":null}]}'),
    ]
    assert told("parcel.repriced", {"items": []}) == []

"""Where a parcel stopped, was damaged or lost its promise, and who answers for it. Pure.

The chain of custody is cut into stretches: from the event by which somebody had the item in hand
to the event by which the next one had it. A proposal names the holder of one of them, and why.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal, NamedTuple

from services.complaints.vocabulary import Category

Holder = Literal["office", "trip", "courier", "operator", "nobody"]
Reasoning = Literal[
    "lost_while_held",
    "stopped_with",
    "never_accepted",
    "found_damaged",
    "found_missing",
    "damage_not_recorded",
    "held_longest",
    "promise_ran_out",
    "promise_kept",
    "waited_for_recipient",
    "returned_by",
    "attempts_before_return",
    "delivered_by",
    "not_delivered",
    "complained_of",
    "office_of_origin",
    "no_parcel",
]

TEXTS: Final[Mapping[Reasoning, str]] = {
    "lost_while_held": "از اینجا به بعد دیگر دیده نشد و گم‌شده اعلام شد",
    "stopped_with": "آخرین تحویل‌گیرنده پیش از رویداد؛ {hours} ساعت نزد او بود",
    "never_accepted": "هیچ اسکن قبولی ثبت نشده است",
    "found_damaged": "آسیب در این رویداد ثبت شد؛ تحویل‌گیرنده پیش از آن پاسخ‌گو است",
    "found_missing": "مغایرت در این بازگشایی پیدا شد؛ تحویل‌گیرنده پیش از آن پاسخ‌گو است",
    "damage_not_recorded": "در مسیر هیچ آسیبی ثبت نشده است؛ آخرین تحویل‌گیرنده پاسخ‌گو است",
    "held_longest": "بیشترین زمان مسیر اینجا گذشت: {hours} ساعت",
    "promise_ran_out": "زمان تعهد گذشت",
    "promise_kept": "زمان تعهد نگذشته است",
    "waited_for_recipient": "{hours} ساعت در باجه در انتظار گیرنده بود و به حساب نمی‌آید",
    "returned_by": "برگشت از اینجا آغاز شد",
    "attempts_before_return": "پیش از برگشت {times} بار برای تحویل تلاش شد",
    "delivered_by": "تحویل از اینجا انجام شد",
    "not_delivered": "تحویل انجام نشده است",
    "complained_of": "شکایت از همین دفتر است",
    "office_of_origin": "دفتر قبول مرسوله",
    "no_parcel": "شکایت درباره مرسوله یا دفتری نیست",
}
ENDS: Final = frozenset({"delivered", "returned", "lost", "destroyed"})
WAITING: Final = frozenset({"held_at_counter"})
"""The post waits for somebody else: nobody's delay."""
DAMAGED: Final = "damaged"
OPENINGS: Final = frozenset({"missing_at_opening", "unexpected_at_opening", "weight_difference"})


@dataclass(frozen=True, slots=True)
class Link:
    """An event of the chain, with what it names."""

    event: str
    event_id: str
    at: datetime
    office: str | None = None
    trip: str | None = None
    courier: str | None = None
    operator: str | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Misfit:
    """A discrepancy: `event_id` says at which event it came out."""

    kind: str
    event_id: str


@dataclass(frozen=True, slots=True)
class Chain:
    links: Sequence[Link]
    misfits: Sequence[Misfit] = ()
    origin_office: str | None = None
    promised_at: datetime | None = None


class Stretch(NamedTuple):
    """Who had the item, from when until when; `office` answers for it inside the post."""

    kind: Holder
    code: str | None
    office: str | None
    since: datetime
    until: datetime
    event: str
    event_id: str

    @property
    def lasted(self) -> timedelta:
        return self.until - self.since


class Reason(NamedTuple):
    """A fact of the chain: by which event, when, how many hours it lasted or how often it was."""

    code: Reasoning
    event_id: str | None = None
    at: datetime | None = None
    hours: int | None = None
    times: int | None = None


class Proposal(NamedTuple):
    kind: Holder
    code: str | None
    office: str | None
    reasons: tuple[Reason, ...]


def in_words(reason: Reason) -> str:
    """In Persian, as officers read it."""
    return TEXTS[reason.code].format(hours=reason.hours or 0, times=reason.times or 0)


def stretches(chain: Chain, now: datetime) -> list[Stretch]:
    """From each event to the next; the last one until now, unless the item's way ended with it."""
    found: list[Stretch] = []
    office = chain.origin_office
    for link, following in zip(chain.links, [*chain.links[1:], None], strict=False):
        office = link.office or office
        if link.event in ENDS:
            continue
        until = max(link.at, now) if following is None else max(link.at, following.at)
        kind, code = _holder(link, office)
        found.append(Stretch(kind, code, office, link.at, until, link.event, link.event_id))
    return found


def _holder(link: Link, office: str | None) -> tuple[Holder, str | None]:
    """By what the event says: who went out with it, took it over, loaded it; else its office.

    A trip that is not named is told by the office that it left.
    """
    if link.event == "handed_over":
        return "operator", link.operator
    if link.event == "out_for_delivery" or (link.event == "delivery_failed" and link.courier):
        return "courier", link.courier
    if link.event == "departure":
        return "trip", link.trip
    return ("office", office) if office is not None else ("nobody", None)


def propose(
    category: Category, chain: Chain | None, about_office: str | None, now: datetime
) -> Proposal:
    """Who seems to be liable, with the reasons; `nobody` where the chain names no one."""
    if category not in OF_PARCELS and about_office is not None:
        return _of_office(about_office, "complained_of")
    if chain is None:
        return _of_office(about_office, "complained_of" if about_office else "no_parcel")
    if category == "conduct":
        return _of_delivery(chain)
    if category in OF_PARCELS and chain.links:
        return OF_PARCELS[category](chain, now)
    return _of_origin(chain, "office_of_origin" if chain.links else "never_accepted")


def _of_office(office: str | None, code: Reasoning) -> Proposal:
    kind: Holder = "nobody" if office is None else "office"
    return Proposal(kind, office, office, (Reason(code),))


def _of_origin(chain: Chain, code: Reasoning = "office_of_origin") -> Proposal:
    return _of_office(chain.origin_office, code)


def _of(stretch: Stretch, *reasons: Reason) -> Proposal:
    return Proposal(stretch.kind, stretch.code, stretch.office, reasons)


def _why(code: Reasoning, stretch: Stretch) -> Reason:
    return Reason(code, stretch.event_id, stretch.since, _hours(stretch.lasted))


def _hours(span: timedelta) -> int:
    return int(span.total_seconds() // 3600)


def _of_loss(chain: Chain, now: datetime) -> Proposal:
    """Who had it last: before it was declared lost, or where it stopped."""
    held = stretches(chain, now)
    if not held:
        return _of_origin(chain, "never_accepted")
    lost = next((link for link in chain.links if link.event == "lost"), None)
    if lost is None:
        return _of(held[-1], _why("stopped_with", held[-1]))
    before = [one for one in held if one.since <= lost.at] or held
    return _of(
        before[-1],
        _why("stopped_with", before[-1]),
        Reason("lost_while_held", lost.event_id, lost.at),
    )


def _of_damage(chain: Chain, now: datetime) -> Proposal:
    """Who had it before the event at which the damage came out: who finds it has not done it.

    Where no event tells of any, nobody noted a reservation on the way: it was whole for each who
    took it over, and who had it last answers.
    """
    held = stretches(chain, now)
    if not held:
        return _of_origin(chain, "never_accepted")
    discovered = {misfit.event_id for misfit in chain.misfits if misfit.kind in OPENINGS}
    for index, link in enumerate(chain.links):
        code: Reasoning = "found_damaged" if link.reason == DAMAGED else "found_missing"
        if link.reason == DAMAGED or link.event_id in discovered:
            earlier = {one.event_id for one in chain.links[:index]}
            before = [one for one in held if one.event_id in earlier]
            holder = before[-1] if before else held[0]
            found = Reason(code, link.event_id, link.at)
            return _of(holder, found, _why("stopped_with", holder))
    return _of(held[-1], Reason("damage_not_recorded"), _why("delivered_by", held[-1]))


def _of_delay(chain: Chain, now: datetime) -> Proposal:
    """Who had it longest of the time that counts: until the end, and not while it waited."""
    held = [one for one in stretches(chain, now) if one.event not in WAITING]
    if not held:
        return _of_origin(chain, "never_accepted")
    longest = max(held, key=lambda one: one.lasted)
    reasons = [_why("held_longest", longest)]
    promised = chain.promised_at
    ended = next((link.at for link in chain.links if link.event in ENDS), now)
    if promised is not None:
        late = ended > promised
        reasons.append(Reason("promise_ran_out" if late else "promise_kept", at=promised))
    waited = sum((one.lasted for one in stretches(chain, now) if one.event in WAITING), timedelta())
    if waited:
        reasons.append(Reason("waited_for_recipient", hours=_hours(waited)))
    return _of(longest, *reasons)


def _of_lateness(chain: Chain, now: datetime) -> Proposal:
    lost = any(link.event == "lost" for link in chain.links)
    return _of_loss(chain, now) if lost else _of_delay(chain, now)


def _of_return(chain: Chain, now: datetime) -> Proposal:
    """Who had it as its return began, with how often delivery was tried before."""
    begun = next((n for n, link in enumerate(chain.links) if link.event == "return_started"), None)
    if begun is None:
        return _of_delay(chain, now)
    link = chain.links[begun]
    tried = [one for one in chain.links[:begun] if one.event == "delivery_failed"]
    office = link.office or chain.origin_office
    return Proposal(
        "nobody" if office is None else "office",
        office,
        office,
        (
            Reason("returned_by", link.event_id, link.at),
            Reason("attempts_before_return", times=len(tried)),
        ),
    )


def _of_delivery(chain: Chain) -> Proposal:
    """Who delivered it; a courier answers to the office that it went out from."""
    out = next((link for link in reversed(chain.links) if link.event == "out_for_delivery"), None)
    done = next((link for link in reversed(chain.links) if link.event == "delivered"), None)
    last = done or out
    if last is None:
        return _of_origin(chain, "not_delivered")
    office = last.office or (out.office if out else None) or chain.origin_office
    courier = last.courier or (out.courier if out else None)
    reason = Reason("delivered_by" if done else "not_delivered", last.event_id, last.at)
    if courier is not None:
        return Proposal("courier", courier, office, (reason,))
    return Proposal("nobody" if office is None else "office", office, office, (reason,))


OF_PARCELS: Final[Mapping[Category, Callable[[Chain, datetime], Proposal]]] = {
    "delay": _of_lateness,
    "loss": _of_loss,
    "damage": _of_damage,
    "partial_loss": _of_damage,
    "cod_not_remitted": lambda chain, _: _of_delivery(chain),
    "return_without_cause": _of_return,
}
"""What went wrong with a parcel is looked for in its chain; what else went wrong, where it was."""

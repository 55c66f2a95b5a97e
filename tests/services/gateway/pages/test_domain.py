"""What pages for everybody work out by themselves."""

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from services.gateway.pages.domain import NUMBERS_MAX, mood, numbers_in, stops_of, target_of
from shared.text import persian_digits

OURS = st.text("0123456789", min_size=24, max_size=24)
S10 = st.from_regex(r"[A-Z]{2}[0-9]{9}[A-Z]{2}", fullmatch=True)
NUMBERS = st.lists(OURS | S10, min_size=1, max_size=8, unique=True)
BETWEEN = st.sampled_from([" ", "\n", ", ", "،", "؛ ", "\r\n", "\t", " \u200f"])


@st.composite
def pasted(draw: st.DrawFn) -> tuple[list[str], str]:
    """Numbers, and the same as people paste them: parted, with spaces within, in any digits."""
    numbers = draw(NUMBERS)
    typed = []
    for number in numbers:
        width = draw(st.integers(1, 24))
        text = " ".join(number[at : at + width] for at in range(0, len(number), width))
        typed.append(persian_digits(text) if draw(st.booleans()) else text.lower())
    return numbers, "".join(one + draw(BETWEEN) for one in typed)


@settings(max_examples=60)
@given(pasted())
def test_numbers_are_found_however_they_were_pasted(given_: tuple[list[str], str]) -> None:
    numbers, text = given_
    assert numbers_in(text) == numbers


@settings(max_examples=60)
@given(st.text(max_size=300))
def test_any_text_gives_a_few_numbers_and_they_are_stable(text: str) -> None:
    found = numbers_in(text)
    assert len(found) <= NUMBERS_MAX
    assert len(set(found)) == len(found)


def event(town: str | None, kind: str = "arrival") -> dict[str, Any]:
    return {"event": kind, "town": town, "occurred_at": "2019-03-21T08:00:00Z", "text": kind}


def tracking(status: str, *towns: str | None) -> dict[str, Any]:
    return {"status": status, "events": [event(town) for town in towns]}


def test_events_in_one_town_are_one_stop() -> None:
    eta = {"town": "شوش", "delivered_by": "2019-03-23T10:00:00Z", "arrives_at": None}
    stops = stops_of(tracking("in_transit", "اهواز", "اهواز", None, "دزفول"), eta)
    assert [(one.town, len(one.events), one.kind) for one in stops] == [
        ("اهواز", 3, "done"),
        ("دزفول", 1, "now"),
        ("شوش", 0, "next"),
    ]
    assert stops[-1].at == eta["delivered_by"]


def test_what_is_over_is_expected_nowhere() -> None:
    eta = {"town": "شوش", "delivered_by": "2019-03-23T10:00:00Z", "arrives_at": None}
    assert [one.kind for one in stops_of(tracking("delivered", "اهواز"), eta)] == ["done"]
    assert [one.kind for one in stops_of(tracking("lost", "اهواز"), eta)] == ["bad"]
    assert stops_of(tracking("booked"), eta) == []
    assert [one.kind for one in stops_of(tracking("accepted", "اهواز"), None)] == ["now"]


def test_moods_and_targets() -> None:
    assert [mood(s) for s in ("delivered", "lost", "held", "in_transit")] == [
        "ok",
        "bad",
        "warn",
        "info",
    ]
    target = {"product": "pishtaz", "distance_class": "urban", "target_hours": 24}
    assert target_of([target], "pishtaz", "urban") == target
    assert target_of([target], "pishtaz", "other") is None

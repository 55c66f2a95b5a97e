"""What the working group's forms ask, and what a meeting still waits for. Pure."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any, Final

from services.gateway.web.numbers import whole
from shared.calendar import TEHRAN, Period
from shared.text import fold_digits

Fields = Mapping[str, str]
WRITE: Final = "licensing:write"
DECIDE: Final = "licensing:decide"
CHOICES: Final = ("for", "against", "abstain")
STATUSES: Final = ("planned", "open", "closed")
STATES: Final = (
    "received",
    "returned",
    "complete",
    "visited",
    "agreed",
    "cleared",
    "licensed",
    "refused",
    "withdrawn",
)
KINDS: Final = ("pishkhan", "rural_ict")
_DAY: Final = re.compile(r"(\d{4})[-/](\d{1,2})[-/](\d{1,2})")
_TIME: Final = re.compile(r"(\d{1,2})[:.](\d{2})")
_GREGORIAN_FROM: Final = 1700


@dataclass(frozen=True, slots=True)
class Act:
    """`method` and `path` under what it is done to."""

    path: str
    scope: str
    body: Callable[[Fields], dict[str, Any] | None]
    method: str = "POST"


def moment(day: str, at: str) -> str | None:
    """A day (Jalali, or Gregorian) and a time of Tehran, in any digits, as RFC 3339."""
    found, hour = _DAY.fullmatch(fold_digits(day).strip()), _TIME.fullmatch(fold_digits(at).strip())
    if found is None or hour is None:
        return None
    year, month, nth = (int(part) for part in found.groups())
    try:
        on = (
            date(year, month, nth)
            if year >= _GREGORIAN_FROM
            else Period.parse(f"{year:04}-{month:02}-{nth:02}").start
        )
        when = time(int(hour[1]), int(hour[2]))
    except ValueError:
        return None
    return datetime.combine(on, when, TEHRAN).isoformat()


def _nothing(_: Fields) -> None:
    return None


def _said(*names: str) -> Callable[[Fields], dict[str, Any]]:
    return lambda fields: {name: fields[name] for name in names if fields[name]}


def _present(fields: Fields) -> dict[str, Any]:
    return {"present": fields["present"] == "yes"}


def _decision(fields: Fields) -> dict[str, Any]:
    rest = _said("transition", "text", "item", "reference")(fields)
    return rest | {"version": whole(fields["version"])}


ON_MEETINGS: Final[Mapping[str, Act]] = {
    "open": Act("open", WRITE, _nothing),
    "close": Act("close", WRITE, _nothing),
    "attend": Act("attendance/{seat}", WRITE, _present, "PUT"),
    "minutes": Act("minutes", WRITE, _said("text")),
}
ON_ITEMS: Final[Mapping[str, Act]] = {
    "vote": Act("votes", DECIDE, _said("seat", "choice")),
    "stake": Act("stakes", WRITE, _said("seat", "reason")),
    "decide": Act("decide", DECIDE, _nothing),
}
ON_APPLICATIONS: Final[Mapping[str, Act]] = {
    "agenda": Act("agenda", WRITE, _said("meeting", "matter")),
    "decide": Act("decisions", DECIDE, _decision),
}


def still_to_vote(meeting: Mapping[str, Any], item: Mapping[str, Any]) -> list[str]:
    """Seats with a vote whose member is present, has no stake here and has not voted."""
    composition = meeting["composition"]
    voting = {one["seat"] for one in composition["seats"] if one["vote"]} if composition else set()
    here = {one["seat"]: one["member_id"] for one in meeting["attendance"] if one["present"]}
    staked = {
        one["member_id"]
        for one in meeting["stakes"]
        if (one["subject_kind"], one["subject_id"]) == (item["subject_kind"], item["subject_id"])
    }
    voted = {one["seat"] for one in item["ballots"]}
    return sorted(
        seat
        for seat, member in here.items()
        if seat in voting and seat not in voted and member not in staked
    )

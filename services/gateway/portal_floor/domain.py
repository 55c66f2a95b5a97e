"""What is typed and scanned at counters, as the API takes it. Pure."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal
from uuid import UUID, uuid5

from shared.identifiers.numbered import serial_of
from shared.text import fold_code, fold_digits

Kind = Literal["nothing", "parcel", "bag", "manifest"]
BAG: Final = "BG"
MANIFEST: Final = "MF"
PRODUCTS: Final = ("pishtaz", "sefareshi", "vijeh", "amanat", "adi", "matbu")
PAYERS: Final = ("counter_cash", "counter_card", "recipient")
PROVINCES: Final = (
    "khuzestan",
    *("alborz", "ardabil", "bushehr", "chaharmahal_bakhtiari", "east_azerbaijan", "fars"),
    *("gilan", "golestan", "hamadan", "hormozgan", "ilam", "isfahan", "kerman", "kermanshah"),
    *("kohgiluyeh_boyer_ahmad", "kurdistan", "lorestan", "markazi", "mazandaran"),
    *("north_khorasan", "qazvin", "qom", "razavi_khorasan", "semnan", "sistan_baluchestan"),
    *("south_khorasan", "tehran", "west_azerbaijan", "yazd", "zanjan"),
)
"""As the API names them; our own first."""
CODES_MAX: Final = 1_000
_GROUPING: Final = re.compile(r"[\s,٬،_']")
_SPACES: Final = re.compile(r"[\s,،;؛]+")
_PARTY: Final = ("name", "phone", "address", "postal_code")
_SIDES: Final = ("length_mm", "width_mm", "height_mm")
_EVENTS: Final = UUID("5a0c6a5e-8f0c-5d0e-9f8c-0f9a35f1d7b2")


@dataclass(frozen=True, slots=True)
class Scanned:
    """What a scanner typed: by its number, an item, a bag or a shop's list."""

    kind: Kind
    code: str


def scanned(text: str) -> Scanned:
    code = fold_code(text)
    if not code:
        return Scanned("nothing", "")
    if serial_of(BAG, code) is not None:
        return Scanned("bag", code)
    if serial_of(MANIFEST, code) is not None:
        return Scanned("manifest", code)
    return Scanned("parcel", code)


def codes(text: str) -> list[str]:
    """Numbers typed or scanned one after the other, each once, in their order; CODES_MAX at most.

    What a number is written with (spaces within) cannot be told from what separates two, so a line
    is one number where it has digits enough for one, and else several.
    """
    found: dict[str, None] = {}
    for line in text.splitlines():
        parts = [line] if len(fold_code(line)) <= LONGEST else _SPACES.split(line)
        found |= dict.fromkeys(code for part in parts if (code := fold_code(part)))
    return list(found)[:CODES_MAX]


LONGEST: Final = 29
"""A UPU S9 receptacle's number; an item's has 24."""


def whole(text: str) -> int | str | None:
    """A whole number in any digits, with or without separators; as typed where it is none.

    The API refuses that with a message that names the field.
    """
    plain = fold_digits(_GROUPING.sub("", text))
    if not plain:
        return None
    return int(plain) if plain.isascii() and plain.isdecimal() and len(plain) < 19 else text


def event_id(key: str, *about: str) -> str:
    """The event that a form brings about: the same however often it is sent."""
    return str(uuid5(_EVENTS, "/".join((key, *about))))


def _sent(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value not in ("", None)}


def _party(form: Mapping[str, str], who: str) -> dict[str, Any]:
    """Required parts stay, if empty, so that the API says that they are missing."""
    party: dict[str, Any] = {part: form[f"{who}_{part}"] for part in _PARTY}
    if not party["postal_code"]:
        del party["postal_code"]
    return party


def _sides(form: Mapping[str, str]) -> dict[str, int | str]:
    return _sent({side: whole(form[side]) for side in _SIDES})


def booking_of(form: Mapping[str, str], office: str) -> dict[str, Any]:
    """A booking at the counter, of a form's fields."""
    recipient = _party(form, "recipient") | {"province": form["province"]}
    asked = {
        "product": form["product"],
        "channel": "counter",
        "weight_g": whole(form["weight_g"]),
        "origin_office": office,
        "sender": _party(form, "sender"),
        "recipient": recipient | _sent({"town": form["town"]}),
        "payer": form["payer"] or PAYERS[0],
        "advice_of_delivery": bool(form["advice_of_delivery"]),
    }
    sides = _sides(form)
    return asked | _money(form) | ({"size": sides} if sides else {})


def quote_of(form: Mapping[str, str], origin: Mapping[str, str]) -> dict[str, Any]:
    """The same consignment, to be priced; `origin`: province and town of the office."""
    asked = {
        "product": form["product"],
        "weight_g": whole(form["weight_g"]),
        "destination_province": form["province"],
        "destination_town": form["town"],
        "origin_province": origin["province"],
        "origin_town": origin["town"],
        "advice_of_delivery": bool(form["advice_of_delivery"]),
    }
    return _sent(asked) | _money(form) | _sides(form)


def _money(form: Mapping[str, str]) -> dict[str, Any]:
    return _sent({name: whole(form[name]) for name in ("declared_value_rials", "cod_rials")})


def closed(form: Mapping[str, str]) -> dict[str, Any]:
    """The end of an office's day."""
    note = _sent({"note": form["note"]})
    return {"day": form["day"], "counted_rials": whole(form["counted_rials"])} | note


def handed_in(form: Mapping[str, str], office: str) -> dict[str, Any]:
    """What a courier gave to the office."""
    asked = {
        "office": office,
        "collector": form["collector"],
        "receipt": form["receipt"],
        "counted_rials": whole(form["handed_rials"]),
    }
    return asked | _sent({"note": form["hand_note"]})


@dataclass(frozen=True, slots=True)
class Stop:
    """Where a trip calls, of a call as the API tells it."""

    call: int
    due_at: str | None
    leaves_at: str | None
    arrived_at: str | None
    departed_at: str | None


def calls_at(trip: Mapping[str, Any], office: str) -> list[Stop]:
    """Of a trip, its calls at an office, with when it is expected there."""
    return [
        Stop(
            call["call"],
            call["expected_arrival_at"] or call["arrives_at"],
            call["expected_departure_at"] or call["departs_at"],
            call["arrived_at"],
            call["departed_at"],
        )
        for call in trip["calls"]
        if call["office"] == office
    ]


def newest_run(runs: Iterable[Mapping[str, Any]]) -> Mapping[str, Any] | None:
    """The one that is out; else the newest that is planned."""
    every = list(runs)
    out = [run for run in every if run["status"] == "out"]
    return next(iter(out or every), None)


RECEIVERS: Final = ("recipient", "household", "colleague", "neighbour", "representative")
KINDS: Final = (
    *("missing_at_opening", "unexpected_at_opening", "in_two_bags", "missing", "handover_gap"),
    *("in_two_places", "acceptance_missing", "accepted_twice", "out_of_sequence"),
    *("scanned_after_end", "scanned_after_cancellation", "unknown_office"),
    *("outside_offline_window", "weight_difference"),
)
"""Of discrepancies, as the API names them."""
RECORDS_MAX: Final = 50
FINAL: Final = frozenset({400, 403, 404, 409, 413, 422})
"""Answers that stay the same however often a record is sent; others are for later."""
_DELIVERY: Final = (
    *("method", "receiver", "receiver_name", "code", "signature", "national_id"),
    "national_card_seen",
)
_ATTEMPT: Final = ("reason", "action")


@dataclass(frozen=True, slots=True)
class Record:
    """What a courier's phone noted while nobody could hear it. `key` is its event as well."""

    key: str
    path: str
    body: dict[str, Any]


class NotARecordError(ValueError):
    """It is nothing that our page makes."""


def record_of(raw: Any, office: str) -> Record:
    """The API's request of a record of the phone's queue."""
    try:
        key, barcode = str(UUID(raw["key"])), fold_code(raw["barcode"])
        end, fields = {
            "delivery": ("deliveries", _DELIVERY),
            "attempt": ("attempts", _ATTEMPT),
        }[raw["kind"]]
        body = _sent({name: raw.get(name) for name in fields})
        occurred_at = str(raw["occurred_at"])
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise NotARecordError from error
    if not (barcode and barcode.isascii() and barcode.isalnum()):
        raise NotARecordError
    body |= {"event_id": key, "office": office, "occurred_at": occurred_at}
    return Record(key, f"/v1/parcels/{barcode}/{end}", body)


def settled(status: int) -> Literal["done", "refused", "later"]:
    """What becomes of a record that was answered so."""
    if status < 400:
        return "done"
    return "refused" if status in FINAL else "later"

"""How long an item waits for its recipient, and what its way back costs. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple
from uuid import NAMESPACE_URL, UUID, uuid5

from services.parcels.tariff.domain import Consignment, Place, distance_class
from services.parcels.vocabulary import Event, Product, Status
from shared.calendar import day_start, tehran_date

_DAY: Final = timedelta(days=1)
_WAITING: Final = Status.READY_FOR_PICKUP.wire


class Rule(NamedTuple):
    """`hold_days` after the first day, `return_days` after the day on which a return begins."""

    notices: int
    hold_days: int
    return_days: int
    return_basis_points: int


def end_of_day(at: datetime, days: int) -> datetime:
    """The end of the day in Tehran that comes so many days after that of `at`."""
    return day_start(tehran_date(at) + _DAY * (days + 1))


def event_of(item_id: int, until: datetime) -> UUID:
    """The return that the end of a holding brings about, the same however often it is tried."""
    return uuid5(NAMESPACE_URL, f"urn:susa:holding:{item_id}:{until.isoformat()}")


class Begun(NamedTuple):
    """`office`: the code of that from which it goes back."""

    barcode: str
    office: str | None
    at: datetime


@dataclass(frozen=True, slots=True)
class Moves:
    """What a page of events says to look at; the items' rows tell how it stands."""

    waiting: set[str]
    """Barcodes of items that began or ceased to wait at a counter."""
    returning: dict[UUID, "Begun"]
    """Returns that began, by the event."""


def moves(events: Iterable[Mapping[str, Any]]) -> Moves:
    """Of parcels' own events; what was corrected is looked at as what changed."""
    waiting: set[str] = set()
    returning: dict[UUID, Begun] = {}
    begins, back = Event.RETURN_STARTED.wire, Status.RETURNING.wire
    for event in events:
        for item in event["data"]["items"]:
            status = item["status"]
            if _WAITING in {status, item.get("previous")}:
                waiting.add(item["barcode"])
            if status == back and item.get("event") == begins:
                at = datetime.fromisoformat(item["occurred_at"])
                returning[UUID(item["event_id"])] = Begun(item["barcode"], item["office"], at)
    return Moves(waiting, returning)


def return_consignment(product: int, weight_g: int, office: Place, origin: Place) -> Consignment:
    """The way back from where it waits: postage alone, without what was asked of the way there."""
    return Consignment(Product(product), weight_g, distance_class(office, origin))

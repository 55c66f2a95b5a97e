"""The offices and towns that the plan runs over, as the API lists them."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from services.year.figures import STATE_KINDS


@dataclass(frozen=True, slots=True)
class Town:
    """Codes of its offices that accept and deliver: the state's own, and those outside."""

    slug: str
    name: str
    population: int
    state: tuple[str, ...]
    outside: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Network:
    towns: tuple[Town, ...]
    centre_of: Mapping[str, str]
    """Code of an office to the code of its sorting centre."""
    kind_of: Mapping[str, str]
    """Code of an active office to its kind."""

    def is_outside(self, office: str) -> bool:
        return self.kind_of[office] not in STATE_KINDS


def network(towns: Iterable[Mapping[str, Any]], offices: Iterable[Mapping[str, Any]]) -> Network:
    """From the items of GET /v1/towns and GET /v1/offices; order of the listings does not matter.

    Towns without an active office that has a sorting centre take no part.
    """
    active = sorted((o for o in offices if o["status"] == "active"), key=lambda o: str(o["code"]))
    usable = [office for office in active if office["sorting_centre"]]
    in_town: dict[str, list[Mapping[str, Any]]] = defaultdict(list)
    for office in usable:
        in_town[office["town"]].append(office)
    served = [
        _town(town, in_town[town["slug"]])
        for town in sorted(towns, key=lambda t: str(t["slug"]))
        if town["slug"] in in_town and town["population"] > 0
    ]
    if not served:
        raise ValueError("no town has an active office with a sorting centre: run `susa seed`")
    return Network(
        tuple(served),
        {office["code"]: office["sorting_centre"] for office in usable},
        {office["code"]: office["kind"] for office in active},
    )


def _town(town: Mapping[str, Any], offices: list[Mapping[str, Any]]) -> Town:
    state = tuple(office["code"] for office in offices if office["kind"] in STATE_KINDS)
    outside = tuple(office["code"] for office in offices if office["kind"] not in STATE_KINDS)
    return Town(town["slug"], town["name"], town["population"], state, outside)

"""The offices and towns that the plan runs over, as the API lists them."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Town:
    slug: str
    name: str
    population: int
    counters: tuple[str, ...]
    """Codes of the offices that accept."""
    delivers: tuple[str, ...]
    """Codes of the offices that deliver: the post's own where there are any."""


@dataclass(frozen=True, slots=True)
class Network:
    towns: tuple[Town, ...]
    centre_of: Mapping[str, str]
    """Code of an office to the code of its sorting centre."""


def network(towns: Iterable[Mapping[str, Any]], offices: Iterable[Mapping[str, Any]]) -> Network:
    """From the items of GET /v1/towns and GET /v1/offices; order of the listings does not matter.

    Towns without an active office that has a sorting centre take no part.
    """
    usable = sorted(
        (o for o in offices if o["status"] == "active" and o["sorting_centre"]),
        key=lambda o: str(o["code"]),
    )
    in_town: dict[str, list[Mapping[str, Any]]] = defaultdict(list)
    for office in usable:
        in_town[office["town"]].append(office)
    served = [
        _town(town, in_town[town["slug"]])
        for town in sorted(towns, key=lambda t: str(t["slug"]))
        if town["slug"] in in_town and town["population"] > 0
    ]
    if not served:
        raise ValueError("no town has an active office with a sorting centre: seed the offices")
    return Network(tuple(served), {o["code"]: o["sorting_centre"] for o in usable})


def _town(town: Mapping[str, Any], offices: list[Mapping[str, Any]]) -> Town:
    codes = tuple(office["code"] for office in offices)
    own = tuple(office["code"] for office in offices if office["kind"] == "post_office")
    return Town(town["slug"], town["name"], town["population"], codes, own or codes)

"""Offices for everybody: by name, near a place, open now, or who does a delegated service."""

import asyncio
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter
from typing import Any, Final

from fastapi import Response

from services.gateway.web.asking import Answer
from services.gateway.web.pages import Page
from shared.errors import NotFound
from shared.pagination import LIMIT_MAX
from shared.text import fold_digits

NEAR: Final = 15
LIST: Final = 20
PAGES_MAX: Final = 10
Pairs = list[tuple[str, str]]
Items = Sequence[Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a visitor asked for, as it was typed; `here` is `latitude,longitude` of a browser."""

    q: str = ""
    town: str = ""
    service: str = ""
    here: str = ""
    open_now: bool = False
    cursor: str | None = None


async def find(page: Page, wanted: Wanted) -> Response:
    towns, services, principals = await asyncio.gather(
        page.ask("GET", "offices", "/v1/towns"),
        _every(page, "/v1/services", delegated=True),
        _every(page, "/v1/principals"),
    )
    place = _place(wanted, towns)
    found, service = await asyncio.gather(_found(page, wanted, place), _service(page, wanted))
    return page.render(
        "pages/find.html",
        200 if found.ok else found.status,
        wanted=wanted,
        place=place,
        offices=found.get("items", []),
        cursor=found.cursor,
        service=service.body if service is not None and service.ok else None,
        towns=_towns(page, towns),
        town_names=dict(_towns(page, towns)),
        services=_grouped(page, services, principals),
        problem=found.problem,
    )


async def office(page: Page, code: str) -> Response:
    told, opening, offered, services, towns = await asyncio.gather(
        page.ask("GET", "offices", f"/v1/offices/{code}"),
        page.ask("GET", "offices", f"/v1/offices/{code}/opening"),
        page.ask("GET", "offices", f"/v1/offices/{code}/offerings", query={"limit": 200}),
        _every(page, "/v1/services"),
        page.ask("GET", "offices", "/v1/towns"),
    )
    if told.problem:
        return page.trouble(told.problem)
    if "code" not in told.body:  # `search` is an address of the API, and no office
        raise NotFound("there is no office of this code")
    names = {one["code"]: _name(page, one) for one in services}
    return page.render(
        "pages/office.html",
        office=told.body,
        town=dict(_towns(page, towns)).get(told.body["town"], told.body["town"]),
        opening=opening.body if opening.ok else None,
        services=sorted(
            (names.get(one["service"], one["service"]), one["service"])
            for one in offered.get("items", [])
        ),
    )


async def _found(page: Page, wanted: Wanted, place: tuple[float, float] | None) -> Answer:
    """The nearest to a place where one is known, else by words, in the alphabet's order."""
    asked = {"service": wanted.service or None, "open_now": wanted.open_now or None}
    if place is not None and not wanted.q:
        latitude, longitude = place
        near = {"latitude": latitude, "longitude": longitude, "limit": NEAR}
        return await page.ask("GET", "offices", "/v1/offices/nearest", query={**asked, **near})
    if not (wanted.q or wanted.service or wanted.open_now):
        return Answer(200, {"items": [], "next": None})
    words = {"q": wanted.q or None, "limit": LIST, "cursor": wanted.cursor}
    return await page.ask("GET", "offices", "/v1/offices/search", query={**asked, **words})


async def _every(page: Page, path: str, **query: bool) -> Items:
    """A list with all its pages; where there is trouble, what came before it."""
    items: list[Mapping[str, Any]] = []
    cursor: str | None = None
    for _ in range(PAGES_MAX):
        asked = {**query, "limit": LIMIT_MAX, "cursor": cursor}
        answer = await page.ask("GET", "offices", path, query=asked)
        items += answer.get("items", [])
        cursor = answer.cursor
        if cursor is None:
            break
    return items


async def _service(page: Page, wanted: Wanted) -> Answer | None:
    if not wanted.service:
        return None
    return await page.ask("GET", "offices", f"/v1/services/{wanted.service}")


def _place(wanted: Wanted, towns: Answer) -> tuple[float, float] | None:
    """Where the visitor is: as the browser says, else the town that was chosen."""
    first, comma, second = fold_digits(wanted.here).partition(",")
    if comma:
        try:
            latitude, longitude = float(first), float(second)
        except ValueError:
            return None
        return (latitude, longitude) if math.isfinite(latitude + longitude) else None
    for town in towns.get("items", []):
        if town["slug"] == wanted.town:
            return town["latitude"], town["longitude"]
    return None


def _name(page: Page, named: Mapping[str, Any]) -> str:
    name: str = named["name"] if page.lang == "fa" else named["name_en"]
    return name


def _towns(page: Page, towns: Answer) -> Pairs:
    """The large ones first: most people look for those."""
    items: Sequence[Mapping[str, Any]] = towns.get("items", [])
    largest = sorted(items, key=itemgetter("population"), reverse=True)
    return [(one["slug"], _name(page, one)) for one in largest]


def _grouped(page: Page, services: Items, principals: Items) -> list[tuple[str, Pairs]]:
    """Delegated services by the body they are done for."""
    bodies = {one["slug"]: _name(page, one) for one in principals}
    items = sorted(services, key=itemgetter("principal", "code"))
    return [
        (bodies.get(body, body), [(one["code"], _name(page, one)) for one in members])
        for body, members in groupby(items, key=itemgetter("principal"))
    ]

"""Use cases of searching: the nearest offices, and those that a phrase and filters ask for.

Hot: a statement each on asyncpg, and the answer as bytes.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from functools import lru_cache
from typing import Annotated, Any, Final, assert_never

import asyncpg
from pydantic import Field, TypeAdapter, ValidationError
from pydantic_core import to_json

from services.offices.calendar.domain import Holiday, holiday_on
from services.offices.dependencies import Desk
from services.offices.registry.domain import Status, metres
from services.offices.search import domain, repository
from services.offices.search.domain import Sort
from services.offices.search.repository import Moment, Wanted
from services.offices.search.schemas import NearQuery, SearchQuery
from shared import pagination
from shared.calendar import TEHRAN, WEEKDAYS, Hours
from shared.errors import Invalid
from shared.openings import Openings
from shared.pagination import Page
from shared.text import text


async def nearest(desk: Desk, asked: NearQuery) -> bytes:
    """The nearest active offices (schemas.NearestOut)."""
    return f'{{"items":[{",".join(await _near(desk, asked))}]}}'.encode()


async def near(desk: Desk, asked: NearQuery) -> list[dict[str, Any]]:
    """The same as objects, of schemas.NearOffice."""
    return [json.loads(found) for found in await _near(desk, asked)]


async def _near(desk: Desk, asked: NearQuery) -> list[str]:
    wanted = Wanted(
        status="active",
        kind=asked.kind,
        but_kind="sorting_centre" if asked.kind is None else None,
        service=asked.service,
        open_now=asked.open_now,
        here=(asked.latitude, asked.longitude),
        chord_max=None if asked.radius_m is None else domain.chord(asked.radius_m),
    )
    statement = repository.nearest_statement(wanted, moment(desk.now), limit=asked.limit)
    rows = await repository.run(desk.database, statement)
    return [_found(row, desk.now) for row in rows]


async def search(desk: Desk, asked: SearchQuery) -> tuple[bytes, str | None]:
    """A page of offices (PageBody of schemas.FoundOffice), and the cursor of the next.

    Where no office has all the words, those that have words like them.
    """
    wanted, sort = _wanted(asked), asked.sort or ("relevance" if asked.q else "code")
    page = Page(asked.limit, pagination.decode_cursor(asked.cursor) if asked.cursor else None)
    after = _after(sort, page)
    rows: Sequence[asyncpg.Record] = []
    alike = after is not None and after[0]
    if not alike:
        rows = await _page(desk, wanted, sort, page, after)
    if alike or (not rows and after is None):
        misspelt = await _alike(desk, wanted)
        alike = misspelt is not None
        rows = await _page(desk, misspelt, sort, page, after) if misspelt else []
    shown, following = pagination.cut(rows, page, lambda row: [alike, *_key(sort, row)])
    items = ",".join(_found(row, desk.now) for row in shown)
    return f'{{"items":[{items}],"next":{json.dumps(following)}}}'.encode(), following


async def _page(
    desk: Desk, wanted: Wanted, sort: Sort, page: Page, after: Sequence[Any] | None
) -> list[asyncpg.Record]:
    statement = repository.STATEMENTS[sort](
        wanted, moment(desk.now), limit=page.limit + 1, after=after and after[1:]
    )
    return await repository.run(desk.database, statement)


async def _alike(desk: Desk, wanted: Wanted) -> Wanted | None:
    """The same with every word that may be misspelt standing for those like it, if there are."""
    words = [word for word in wanted.words if domain.may_be_misspelt(word)]
    look_alikes = await repository.look_alikes(desk.database, words) if words else {}
    if not look_alikes:
        return None
    patterns = domain.has_one_of_each(wanted.words, look_alikes)
    return replace(wanted, patterns=patterns, alike=True)


def _wanted(asked: SearchQuery) -> Wanted:
    words = domain.words(asked.q or "")
    if asked.q is not None and not words:
        raise Invalid.field("query.q", "write a letter or a digit to look for")
    if asked.sort == "relevance" and not words:
        raise Invalid.field("query.q", "sort=relevance needs words to look for")
    return Wanted(
        status=asked.status,
        kind=asked.kind,
        county=asked.county,
        town=asked.town,
        service=asked.service,
        open_now=asked.open_now,
        here=_here(asked),
        chord_max=None if asked.radius_m is None else domain.chord(asked.radius_m),
        words=words,
        patterns=[domain.has(word) for word in words],
    )


def _here(asked: SearchQuery) -> tuple[float, float] | None:
    """Where to measure from; Invalid names what is missing."""
    if asked.latitude is not None and asked.longitude is not None:
        return asked.latitude, asked.longitude
    measured = asked.sort == "distance" or asked.radius_m is not None
    for name, given, other in (
        ("latitude", asked.latitude, asked.longitude),
        ("longitude", asked.longitude, asked.latitude),
    ):
        if given is None and (measured or other is not None):
            raise Invalid.field(f"query.{name}", "give latitude and longitude to measure from")
    return None


def _key(sort: Sort, row: asyncpg.Record) -> list[Any]:
    match sort:
        case "code":
            return [row["id"]]
        case "relevance" | "name":
            return [row["rank"], row["id"]]
        case "distance":
            return [row["chord"], row["id"]]
        case _:
            assert_never(sort)


_Alike = Annotated[bool, Field(strict=True)]
_Number = Annotated[int, Field(ge=0, lt=2**31, strict=True)]
_Measure = Annotated[float, Field(ge=0, le=2, allow_inf_nan=False)]
_CURSORS: Final[Mapping[Sort, TypeAdapter[Any]]] = {
    "code": TypeAdapter(tuple[_Alike, _Number]),
    "name": TypeAdapter(tuple[_Alike, Annotated[str, text(0, 500)], _Number]),
    "relevance": TypeAdapter(tuple[_Alike, _Measure, _Number]),
    "distance": TypeAdapter(tuple[_Alike, _Measure, _Number]),
}
"""What the cursor of each order holds, as far as whoever made it up can be trusted."""


def _after(sort: Sort, page: Page) -> Sequence[Any] | None:
    try:
        after: Sequence[Any] | None = page.after and _CURSORS[sort].validate_python(page.after)
    except ValidationError:
        raise pagination.not_a_cursor() from None
    return after


def moment(now: datetime) -> Moment:
    return _moment(now.replace(second=0, microsecond=0))


@lru_cache(maxsize=64)
def _moment(minute: datetime) -> Moment:
    local = minute.astimezone(TEHRAN)
    day = local.date()
    return Moment(day, WEEKDAYS[day.weekday()], f"{local:%H:%M}", holiday_on(day, {}).holiday)


def _found(row: asyncpg.Record, now: datetime) -> str:
    """What anyone may see: JSON of schemas.FoundOffice."""
    chord = row["chord"]
    distance_m = "null" if chord is None else metres(chord)
    opening = _opening(
        row["status"],
        row["hours"],
        row["exceptions"],
        row["overrides"],
        now.replace(second=0, microsecond=0),
    )
    return f'{{"office":{row["office"]},"distance_m":{distance_m},{opening}}}'


@lru_cache(maxsize=4096)
def _hours(stored: str) -> Hours:
    return Hours.model_validate_json(stored)


@lru_cache(maxsize=8192)
def _opening(
    status: Status, hours: str, exceptions: str | None, overrides: str | None, minute: datetime
) -> str:
    """Whether it is open in a minute, and when next where it is not, as calendar says; fields.

    Offices share their hours by the hundred, so that few of these are reckoned a minute.
    """
    if status != "active":
        return '"open_now":false,"opens_next_at":null'
    said = _overrides(overrides) if overrides else {}
    openings = Openings(
        _hours(hours),
        _EXCEPTIONS.validate_json(exceptions) if exceptions else {},
        lambda day: holiday_on(day, said).holiday,
    )
    if openings.open_at(minute):
        return '"open_now":true,"opens_next_at":null'
    return f'"open_now":false,"opens_next_at":{to_json(openings.opens_next(minute)).decode()}'


_EXCEPTIONS: TypeAdapter[dict[date, list[str]]] = TypeAdapter(dict[date, list[str]])
_HOLIDAYS: TypeAdapter[dict[date, bool]] = TypeAdapter(dict[date, bool])


@lru_cache(maxsize=64)
def _overrides(stored: str) -> Mapping[date, Holiday]:
    said = _HOLIDAYS.validate_json(stored)
    return {day: Holiday(day, holiday, None, "override") for day, holiday in said.items()}

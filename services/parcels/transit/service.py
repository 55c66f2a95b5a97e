"""Use cases of transit: count items as they are now, report, show what a figure counts."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict
from datetime import date, timedelta
from typing import Any, Final
from urllib.parse import urlencode

import asyncpg
from sqlalchemy import Row
from sqlalchemy.ext.asyncio import AsyncSession

from services.parcels.network.service import Directory
from services.parcels.transit import domain, repository, views
from services.parcels.transit.domain import Places
from services.parcels.transit.export import Table, table
from services.parcels.transit.schemas import Transit, TransitItem, TransitRow
from services.parcels.transit.views import By, Filters, Measure, Total, View, Words
from services.parcels.vocabulary import CHANNEL_WIRE, DIRECTION_WIRE, PRODUCT_WIRE, STATUS_WIRE
from shared.calendar import Period, jalali_text
from shared.database import Database, driver
from shared.errors import Invalid
from shared.identifiers import barcode_of
from shared.pagination import Page, cut
from shared.text import fold_code

CHUNK: Final = 5_000
NOWHERE: Final = "none"
HISTORY: Final = timedelta(days=90)
_URL: Final = "/v1/statistics/transit/items"


async def count(
    connection: asyncpg.Connection, items: Collection[int], lives: Collection[range] = ()
) -> None:
    """Make the roll-ups right for these items, whatever changed, under repository.lock.

    What they are now replaces what they counted as. `lives`: of S10 numbers, any of which may be.
    """
    found = set(items)
    if lives:
        found.update(await repository.lives(connection, lives))
    if not found:
        return
    places = await repository.places(connection)
    every = sorted(found)
    for n in range(0, len(every), CHUNK):
        await _count(connection, every[n : n + CHUNK], places)


async def _count(connection: asyncpg.Connection, items: Sequence[int], places: Places) -> None:
    pairs = [
        (item_id, known, domain.contribution(fact, places))
        for item_id, fact, known in await repository.facts(connection, items)
    ]
    changed = [(item_id, old, new) for item_id, old, new in pairs if old != new]
    daily = domain.cells(domain.differences((old, new) for _, old, new in changed))
    await repository.keep(connection, [(item_id, new) for item_id, _, new in changed])
    await repository.add(connection, repository.DAILY, daily)
    await repository.add(connection, repository.MONTHLY, domain.monthly(daily))


async def recount(database: Database) -> None:
    """Count all items again, where that is asked for: a bounded transaction at a time."""
    more = True
    while more:
        async with database.transaction() as session:
            more = await _recount_step(await driver(session))


async def _recount_step(connection: asyncpg.Connection) -> bool:
    await repository.lock(connection)
    items = await repository.step(connection, CHUNK)
    if items is None:
        return False
    await count(connection, items)
    await repository.go_on(connection, items[-1] + 1 if len(items) == CHUNK else None)
    return True


def _table_of(period: Period) -> str:
    return repository.DAILY if period.day else repository.MONTHLY


def _filters(words: Words, directory: Directory) -> Filters:
    """In numbers; Invalid where there is no such office."""
    if words.office in {None, NOWHERE}:
        return views.filters(words, None if words.office is None else 0)
    office = directory.by_code.get(fold_code(words.office or ""))
    if office is None:
        raise Invalid.field(
            "query.office", f"there is no office {words.office}; or write {NOWHERE}"
        )
    return views.filters(words, office.id)


async def report(
    session: AsyncSession, directory: Directory, period: Period, by: By, words: Words
) -> Transit:
    wanted, before = views.view(by, _filters(words, directory)), period.previous()
    if by == "month" and period.day:
        raise Invalid.field("query.by", "a day has no months: ask by day, or of a longer period")
    kept = repository.DAILY if by == "day" else _table_of(period)
    now = await repository.totals(session, kept, wanted, period.start, period.end)
    then = await repository.totals(session, kept, wanted, before.start, before.end)
    total = views.figures(_sum(now), _sum(then))
    if wanted.group == "day":
        now, then = _by_time(by, now), _a_year_on(by, period, then)
    return Transit.model_validate(
        {
            "period": str(period),
            "previous": str(before),
            "by": by,
            "as_of": await repository.as_of(session),
            "total": total,
            "rows": [
                {
                    "key": shown,
                    "items": _link(period, by, words, shown),
                    **views.figures(now.get(key, Total()), then.get(key, Total())),
                }
                for shown, key in _order(by, wanted, now, then, directory)
            ],
        }
    )


def as_table(found: Transit) -> Table:
    head = {
        "period": found.period,
        "previous": found.previous,
        "as_of": found.as_of,
        "by": found.by,
    }
    return table(f"transit-{found.by}-{found.period}", head, TransitRow, found.rows)


def _sum(totals: Mapping[str, Total]) -> Total:
    return sum(totals.values(), Total())


def _by_time(by: By, totals: Mapping[str, Total]) -> dict[str, Total]:
    """The days of the roll-up as Jalali days or months."""
    made: dict[str, Total] = {}
    for day, total in totals.items():
        name = jalali_text(date.fromisoformat(day))
        made[name if by == "day" else name[:7]] = total
    return made


def _a_year_on(by: By, period: Period, totals: Mapping[str, Total]) -> dict[str, Total]:
    """The year before under the names of this one; a leap day is compared with the day before."""
    named = _by_time(by, totals)
    parts = period.days() if by == "day" else period.months()
    return {
        str(part): named[str(part.previous())] for part in parts if str(part.previous()) in named
    }


def _order(
    by: By,
    wanted: View,
    now: Mapping[str, Total],
    then: Mapping[str, Total],
    directory: Directory,
) -> list[tuple[str, str]]:
    """Keys as shown and as kept: times in their order, all else the largest first."""
    shown = [(_shown(by, key, directory), key) for key in now.keys() | then.keys()]
    if wanted.group == "day":
        return sorted(shown)
    none = Total()
    return sorted(shown, key=lambda pair: (-now.get(pair[1], none).accepted, pair[0]))


def _shown(by: By, key: str, directory: Directory) -> str:
    match by:
        case "product":
            return PRODUCT_WIRE[int(key)]
        case "channel":
            return CHANNEL_WIRE[int(key)]
        case "direction":
            return DIRECTION_WIRE[int(key)]
        case "office":
            office = directory.by_id.get(int(key))
            return office.code if office else NOWHERE
        case _:
            return key


def _link(period: Period, by: By, words: Words, key: str) -> str:
    """The list of a row's items."""
    asked: dict[str, str] = {"period": str(period)}
    asked |= {name: word for name, word in asdict(words).items() if word is not None}
    match by:
        case "month" | "day":
            asked["period"] = key
        case "lane":
            asked["county"], _, asked["destination"] = key.partition(">")
        case _:
            asked[by] = key
    return f"{_URL}?{urlencode(asked)}"


async def items(
    session: AsyncSession,
    directory: Directory,
    asked: tuple[Period, Measure, Words],
    page: Page,
) -> tuple[list[TransitItem], str | None]:
    """The items that a figure counts, by item id; see repository.ranges for what it costs."""
    period, measure, words = asked
    filters, days = _filters(words, directory), (period.start, period.end)
    if page.after is None:
        within = await repository.ranges(session, measure, filters, *days)
    else:
        within = domain.ranges_of(page.after)
    rows = await repository.items(session, measure, filters, days, within, page.limit)
    shown, cursor = cut(rows, page, lambda row: domain.cursor_after(within, row.item_id))
    return [_item(row, directory) for row in shown], cursor


def _item(row: Row[Any], directory: Directory) -> TransitItem:
    office = directory.by_id.get(row.office)
    return TransitItem(
        barcode=barcode_of(row.item_id),
        product=PRODUCT_WIRE[row.product],
        channel=CHANNEL_WIRE[row.channel],
        direction=DIRECTION_WIRE[row.direction],
        status=STATUS_WIRE[row.status],
        origin_office=office.code if office else None,
        county=row.origin,
        destination=row.destination,
        accepted_at=row.accepted_at,
        ended_at=row.ended_at,
        promised_at=row.promised_at,
        within_promise=row.within,
        transit_minutes=row.minutes,
    )


async def history(
    session: AsyncSession, origin: str, destination: str, product: int | None, until: date
) -> Total:
    """What a lane took in the months before a day: its percentiles are views.percentile_hours.

    Counties by their codes; for the ETA of a parcel under way.
    """
    wanted = views.view("lane", Filters(product, county=origin, destination=destination))
    found = await repository.totals(session, repository.DAILY, wanted, until - HISTORY, until)
    return _sum(found)


async def by_county(session: AsyncSession, period: Period) -> dict[tuple[int, str, int], Total]:
    """Figures by Dimension.COUNTY and DESTINATION, the county's code, and product."""
    return await repository.by_county(session, _table_of(period), period.start, period.end)

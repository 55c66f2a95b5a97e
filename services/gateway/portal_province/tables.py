"""What each number of the report counts, as tables: one function a kind, asked by its name."""

from collections.abc import Awaitable, Callable, Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any, Final
from urllib.parse import parse_qsl, urlencode

from services.gateway.portal_province import domain
from services.gateway.portal_province.domain import HERE, Cell, Table, Writer, belongs, code, text, to
from services.gateway.web.asking import Answer
from services.gateway.web.pages import Page
from shared.calendar import Period

Query = Mapping[str, str]
Found = tuple[Answer, Table]
PAGE_ROWS: Final = 50
TICK: Final = timedelta(microseconds=1)


class Counted:
    """One table asked for: the page, its query, and a writer of cells."""

    def __init__(self, page: Page, query: Query) -> None:
        self.page = page
        self.query = query
        self.write = Writer(page.lang)

    @property
    def period(self) -> str:
        return self.query.get("period", "")

    def word(self, family: str, value: object) -> str:
        return self.page.t.name(family, value)

    def asked(self, *names: str) -> dict[str, str | None]:
        return {name: self.query.get(name) or None for name in names}

    async def ask(self, service: str, path: str, query: Mapping[str, Any]) -> Answer:
        return await self.page.ask("GET", service, path, query=query)

    async def page_of(self, service: str, path: str, *names: str) -> Answer:
        """A page of a list, by these parameters and the cursor."""
        query = self.asked(*names, "cursor") | {"limit": str(PAGE_ROWS)}
        return await self.ask(service, path, query)


async def volumes(counted: Counted) -> Found:
    """Items accepted, by product and channel; of one figure of the report, or all."""
    found = await counted.ask("parcels", "/v1/statistics/volumes", counted.asked("period"))
    write, figure = counted.write, counted.query.get("of", "")
    heads = ("product", "channel", "count", "previous", "growth")
    table = Table("volumes", heads)
    for row in found.get("rows", []):
        if not belongs(row, figure):
            continue
        kind = {"product": row["product"], "channel": row["channel"]}
        table.rows.append(
            [
                text(counted.word("product", row["product"])),
                text(counted.word("channel", row["channel"])),
                write.number(row["count"], to("items", period=counted.period, **kind)),
                write.number(
                    row["previous_count"], to("items", period=found.body["previous"], **kind)
                ),
                write.percent(row["growth_percent"]),
            ]
        )
    return found, table


async def items(counted: Counted) -> Found:
    found = await counted.page_of(
        "parcels", "/v1/statistics/volumes/items", "period", "product", "channel"
    )
    table = Table("items", ("barcode", "product", "channel", "status", "office", "accepted_at"))
    table.rows = [
        [
            code(row["barcode"], f"/track/{row['barcode']}"),
            text(counted.word("product", row["product"])),
            text(counted.word("channel", row["channel"])),
            text(counted.word("status", row["status"])),
            code(row["origin_office"]),
            counted.write.instant(row["accepted_at"]),
        ]
        for row in found.get("items", [])
    ]
    table.cursor = found.get("next")
    return found, table


async def transit(counted: Counted) -> Found:
    """Outcomes, promises and times, by lane or by another dimension."""
    by = counted.query.get("by") or "lane"
    query = counted.asked("period", "product", "channel", "county", "destination", "office")
    found = await counted.ask("parcels", "/v1/statistics/transit", query | {"by": by})
    heads = ("key", "accepted", "delivered", "returned", "lost", "within", "late", "p50", "p90")
    table = Table("transit", heads)
    for row in found.get("rows", []):
        table.rows.append(_transit_row(counted, by, row))
    return found, table


def _transit_row(counted: Counted, by: str, row: Mapping[str, Any]) -> list[Cell]:
    write = counted.write

    def of(measure: str, value: int) -> Cell:
        return write.number(value, items_at(row["items"], measure))

    return [
        text(counted.word(by, row["key"])) if by in {"product", "channel"} else code(row["key"]),
        of("accepted", row["accepted"]),
        of("delivered", row["delivered"]),
        of("returned", row["returned"]),
        of("lost", row["lost"]),
        write.percent(row["within_promise_percent"], items_at(row["items"], "within_promise")),
        of("late", row["promised"] - row["within_promise"]),
        write.hours(row["p50_hours"]),
        write.hours(row["p90_hours"]),
    ]


def items_at(address: str, measure: str) -> str:
    """Of the address at which the API lists a row's items, our page of them."""
    query = dict(parse_qsl(address.partition("?")[2])) | {"measure": measure}
    return f"{HERE}/counted/transit-items?{urlencode(query)}"


async def transit_items(counted: Counted) -> Found:
    names = ("period", "measure", "product", "channel", "direction", "office", "county")
    found = await counted.page_of(
        "parcels", "/v1/statistics/transit/items", *names, "destination"
    )
    heads = ("barcode", "product", "way", "status", "accepted_at", "ended_at", "promised_at", "hours")
    table = Table("transit_items", heads)
    for row in found.get("items", []):
        minutes = row["transit_minutes"]
        table.rows.append(
            [
                code(row["barcode"], f"/track/{row['barcode']}"),
                text(counted.word("product", row["product"])),
                code(f"{row['county']} > {row['destination']}"),
                text(counted.word("status", row["status"])),
                counted.write.instant(row["accepted_at"]),
                counted.write.instant(row["ended_at"]),
                counted.write.instant(row["promised_at"]),
                counted.write.hours(None if minutes is None else minutes / 60),
            ]
        )
    table.cursor = found.get("next")
    return found, table


async def tasks(counted: Counted) -> Found:
    found = await counted.ask("parcels", "/v1/statistics/tasks", counted.asked("period"))
    table = Table("tasks", ("task", "office_kind", "count"))
    for row in found.get("rows", []):
        href = to("task-items", period=counted.period, task=row["task"], kind=row["kind"])
        table.rows.append(
            [
                text(counted.word("task", row["task"])),
                text(counted.word("office_kind", row["kind"])),
                counted.write.number(row["count"], href),
            ]
        )
    return found, table


async def task_items(counted: Counted) -> Found:
    found = await counted.page_of(
        "parcels", "/v1/statistics/tasks/items", "period", "task", "kind"
    )
    table = Table("task_items", ("barcode", "task", "office", "at", "status"))
    table.rows = [
        [
            code(row["barcode"], f"/track/{row['barcode']}"),
            text(counted.word("task", row["task"])),
            code(row["office"]),
            counted.write.instant(row["at"]),
            text(counted.word("status", row["status"])),
        ]
        for row in found.get("items", [])
    ]
    table.cursor = found.get("next")
    return found, table


async def satisfaction(counted: Counted) -> Found:
    """Shares with the intervals that they lie in, against the period before."""
    by = counted.query.get("by") or "county"
    query = counted.asked("period", "office", "county", "product", "cursor") | {"by": by}
    found = await counted.ask("complaints", "/v1/statistics/satisfaction", query)
    heads = ("key", "answered", "satisfied", "low", "high", "previous", "rank")
    table = Table("satisfaction", heads)
    write = counted.write
    for row in found.get("rows", []):
        below = _answers_of(by, row["key"], counted.period)
        table.rows.append(
            [
                text(row["name"] or counted.word("product", row["key"]) or "—"),
                write.number(row["answered"], below),
                write.percent(row["satisfied_percent"], below),
                write.percent(row["low_percent"]),
                write.percent(row["high_percent"]),
                write.percent(row["previous"]["satisfied_percent"]),
                write.number(row["rank"]),
            ]
        )
    table.cursor = found.get("next")
    return found, table


def _answers_of(by: str, key: str, period: str) -> str:
    """A county's answers are told apart by its offices first."""
    if by == "county":
        return to("satisfaction", period=period, by="office", county=key)
    return to("answers", period=period, **{by: key})


async def answers(counted: Counted) -> Found:
    names = ("period", "office", "product", "category", "score_max")
    found = await counted.page_of("complaints", "/v1/survey-answers", *names)
    table = Table("answers", ("subject", "office", "score", "words", "categories", "answered_at"))
    table.rows = [
        [
            code(row["subject"], _about(row)),
            code(row["office"]),
            counted.write.number(row["score"]),
            text(row["words"]),
            text("، ".join(counted.word("reason", one["category"]) for one in row["categories"])),
            counted.write.instant(row["answered_at"]),
        ]
        for row in found.get("items", [])
    ]
    table.cursor = found.get("next")
    return found, table


def _about(row: Mapping[str, Any]) -> str:
    return ("/portal/cases/" if row["kind"] == "case" else "/track/") + str(row["subject"])


async def reasons(counted: Counted) -> Found:
    path = "/v1/statistics/satisfaction/reasons"
    found = await counted.ask("complaints", path, counted.asked("period", "office", "product"))
    table = Table("reasons", ("category", "answers", "share", "previous"))
    for row in found.get("rows", []):
        below = to("answers", period=counted.period, category=row["category"], score_max=3)
        table.rows.append(
            [
                text(counted.word("reason", row["category"])),
                counted.write.number(row["answers"], below),
                counted.write.percent(row["percent"], below),
                counted.write.percent(row["previous_percent"]),
            ]
        )
    return found, table


async def compensation(counted: Counted) -> Found:
    path = "/v1/statistics/compensation"
    found = await counted.ask("complaints", path, counted.asked("period"))
    table = Table("compensation", ("cause", "payments", "paid", "previous"))
    for row in found.get("by_cause", []):
        below = to("payments", period=counted.period, cause=row["cause"])
        table.rows.append(
            [
                text(counted.word("cases.category", row["cause"])),
                counted.write.number(row["payments"], below),
                counted.write.rials(row["paid_rials"], below),
                counted.write.rials(row["previous_paid_rials"]),
            ]
        )
    return found, table


async def payments(counted: Counted) -> Found:
    path = "/v1/statistics/compensation/payments"
    found = await counted.page_of("complaints", path, "period", "cause")
    table = Table("payments", ("claim", "barcode", "cause", "paid", "returned", "paid_at"))
    table.rows = [
        [
            code(row["claim"][:13], f"/portal/cases/claims/{row['claim']}"),
            code(row["barcode"], f"/track/{row['barcode']}"),
            text(counted.word("cases.category", row["cause"])),
            counted.write.rials(row["paid_rials"]),
            counted.write.rials(row["returned_rials"]),
            counted.write.instant(row["paid_at"]),
        ]
        for row in found.get("items", [])
    ]
    table.cursor = found.get("next")
    return found, table


async def complaints(counted: Counted) -> Found:
    """Cases filed, answered and closed in the period, by category."""
    by = counted.query.get("by") or "category"
    path = "/v1/statistics/complaints/breakdown"
    found = await counted.ask("complaints", path, counted.asked("period") | {"by": by})
    table = Table("complaints", ("key", "filed", "answered", "closed", "reopened"))
    for row in found.get("rows", []):
        table.rows.append(
            [
                text(_key(counted, by, row["key"])),
                counted.write.number(row["filed"], filed_in(by, row["key"], counted.period)),
                counted.write.number(row["answered"]),
                counted.write.number(row["closed"]),
                counted.write.number(row["reopened"]),
            ]
        )
    return found, table


LISTED_BY: Final = frozenset({"category", "channel", "severity", "status"})
"""Of the reports' dimensions, those that the list of cases can be asked by too."""


def filed_in(by: str, key: str | None, period: str) -> str | None:
    """The cases that a figure of a period counts; None where their list cannot be asked so."""
    if by not in LISTED_BY or key is None:
        return None
    try:
        span = Period.parse(period)
    except ValueError:
        return None
    return cases(by, key, after=span.start_at - TICK, until=span.end_at - TICK)


def cases(
    by: str, key: str, *, after: datetime | None, until: datetime | None, **more: str
) -> str:
    query = {by: key, **more}
    if after is not None:
        query["filed_after"] = after.isoformat()
    if until is not None:
        query["filed_until"] = until.isoformat()
    return f"/portal/cases/all?{urlencode(query)}"


AGES: Final = (
    ("day", 0, 1),
    ("three_days", 1, 3),
    ("week", 3, 7),
    ("month", 7, 30),
    ("older", 30, None),
)
"""Ages of open cases in days, as the report has them: from, and before."""


async def ageing(counted: Counted) -> Found:
    by = counted.query.get("by") or "category"
    path = "/v1/statistics/complaints/ageing"
    found = await counted.ask("complaints", path, {"by": by})
    table = Table("ageing", ("key", "open", *(name for name, _, _ in AGES)))
    as_of = datetime.fromisoformat(found.body["as_of"]) if found.ok else None
    for row in found.get("rows", []):
        cells = [text(_key(counted, by, row["key"]))]
        cells.append(counted.write.number(row["open"], _aged(by, row["key"], None, None, None)))
        for name, since, before in AGES:
            href = _aged(by, row["key"], as_of, since, before)
            cells.append(counted.write.number(row[name], href))
        table.rows.append(cells)
    return found, table


def _aged(
    by: str, key: str | None, as_of: datetime | None, since: int | None, before: int | None
) -> str | None:
    if by not in LISTED_BY or key is None:
        return None
    until = as_of - timedelta(days=since) if as_of and since else None
    after = as_of - timedelta(days=before) if as_of and before else None
    return cases(by, key, after=after, until=until, open="true")


def _key(counted: Counted, by: str, key: str | None) -> str:
    return "—" if key is None else counted.word(f"cases.{by}", key)


async def people(counted: Counted) -> Found:
    """Who works where, on the period's last day; or a list of those of one employment or role."""
    on = last_day(counted.period, counted.page)
    if counted.query.get("employment") or counted.query.get("role"):
        return await _at_work(counted, on)
    found = await counted.ask("offices", "/v1/statistics/workforce", {"on": on})
    table = Table("people", ("group", "key", "count"))
    for group, name in (("by_employment", "employment"), ("by_role", "role")):
        for row in found.get(group, []):
            href = to("people", period=counted.period, **{name: row[name]})
            table.rows.append(
                [
                    text(counted.word("counted.group", name)),
                    text(counted.word(f"counted.{name}", row[name])),
                    counted.write.number(row["count"], href),
                ]
            )
    for row in found.get("by_office_kind", []):
        table.rows.append(
            [
                text(counted.word("counted.group", "office_kind")),
                text(counted.word("office_kind", row["kind"])),
                counted.write.number(row["count"]),
            ]
        )
    return found, table


async def _at_work(counted: Counted, on: str) -> Found:
    query = counted.asked("employment", "role", "cursor") | {"on": on, "limit": str(PAGE_ROWS)}
    found = await counted.ask("offices", "/v1/workforce/people", query)
    table = Table("at_work", ("number", "name", "office", "role", "employment"))
    for row in found.get("items", []):
        at = row["assignment"]
        table.rows.append(
            [
                code(row["personnel_number"]),
                text(row["name"]),
                code(at["office"]),
                text(counted.word("counted.role", at["role"])),
                text(counted.word("counted.employment", at["employment"])),
            ]
        )
    table.cursor = found.get("next")
    return found, table


async def electronic(counted: Counted) -> Found:
    """What was ordered electronically: bookings of shops and banks, and delegated services."""
    booked, table = await volumes(Counted(counted.page, {**counted.query, "of": "electronic"}))
    found, services_done = await performed(counted)
    rows = [[*row[:1], row[1], *row[2:]] for row in table.rows]
    rows += [[row[0], row[1], *row[2:]] for row in services_done.rows]
    made = Table("electronic", ("what", "of", "count", "previous", "growth"), rows)
    return (booked if booked.problem else found), made


async def performed(counted: Counted) -> Found:
    found = await counted.ask("offices", "/v1/statistics/services", counted.asked("period"))
    table = Table("performed", ("service", "principal", "count", "previous", "growth"))
    table.rows = [
        [
            text(row["name"]),
            text(row["principal"]),
            counted.write.number(row["count"]),
            counted.write.number(row["previous_count"]),
            counted.write.percent(row["growth_percent"]),
        ]
        for row in found.get("rows", [])
    ]
    return found, table


async def services(counted: Counted) -> Found:
    """Delegated services that are valid on the period's last day."""
    query = counted.asked("cursor") | {
        "delegated": "true",
        "valid_on": last_day(counted.period, counted.page),
        "limit": str(PAGE_ROWS),
    }
    found = await counted.ask("offices", "/v1/services", query)
    table = Table("services", ("service", "principal", "electronic", "fee", "valid_from"))
    name = "name" if counted.page.lang == "fa" else "name_en"
    table.rows = [
        [
            text(row[name]),
            code(row["principal"]),
            text(counted.page.t("web.yes" if row["electronic"] else "web.no")),
            counted.write.rials(row["fee_rials"]),
            counted.write.day(row["valid_from"]),
        ]
        for row in found.get("items", [])
    ]
    table.cursor = found.get("next")
    return found, table


async def tariffs(counted: Counted) -> Found:
    found = await counted.page_of("parcels", "/v1/tariffs")
    table = Table("tariffs", ("tariff", "status", "valid_from", "valid_until", "source"))
    table.rows = [
        [
            code(row["code"]),
            text(counted.word("counted.tariff", row["status"])),
            counted.write.day(row["valid_from"]),
            counted.write.day(row["valid_until"]),
            text(row["source"]),
        ]
        for row in found.get("items", [])
    ]
    table.cursor = found.get("next")
    return found, table


def last_day(period: str, page: Page) -> str:
    """The period's last day, or today where that is earlier."""
    today: datetime = page.request.app.state.runtime.clock.now()
    try:
        return min(Period.parse(period).end - timedelta(days=1), today.date()).isoformat()
    except ValueError:
        return today.date().isoformat()


Builder = Callable[[Counted], Awaitable[Found]]
TABLES: Final[Mapping[str, Builder]] = {
    "volumes": volumes,
    "items": items,
    "transit": transit,
    "transit-items": transit_items,
    "tasks": tasks,
    "task-items": task_items,
    "satisfaction": satisfaction,
    "answers": answers,
    "reasons": reasons,
    "compensation": compensation,
    "payments": payments,
    "complaints": complaints,
    "ageing": ageing,
    "people": people,
    "electronic": electronic,
    "performed": performed,
    "services": services,
    "tariffs": tariffs,
}
"""By the last part of the address."""
DIMENSIONS: Final[Mapping[str, Iterable[str]]] = {
    "transit": ("lane", "county", "destination", "product", "channel", "month", "office"),
    "satisfaction": ("county", "office", "product"),
    "complaints": ("category", "channel", "severity"),
    "ageing": ("category", "channel", "severity", "status"),
}
"""What a table may be told by besides."""
HEADS_OF_LISTS: Final = domain.LEADS_TO

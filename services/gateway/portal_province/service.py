"""Use cases of the province's report: its figures, what each counts, as pages and as files."""

import asyncio
from datetime import datetime
from importlib import resources
from typing import Any, Final

from fastapi import Response
from sqlalchemy.ext.asyncio import AsyncSession

from services.gateway.aggregation import service as aggregation
from services.gateway.portal_province import charts, domain
from services.gateway.portal_province.charts import Picture
from services.gateway.portal_province.counting import Counted, last_day
from services.gateway.portal_province.domain import Cell, Table, Writer, code, text
from services.gateway.portal_province.tables import DIMENSIONS, TABLES
from services.gateway.web import numbers
from services.gateway.web.asking import Answer
from services.gateway.web.pages import Page
from shared import typeset
from shared.calendar import Period, jalali_date
from shared.errors import Invalid, NotFound
from shared.runtime import Runtime
from shared.text import fold_digits

LANES_SHOWN: Final = 12
PERIODS_BACK: Final = 4
KINDS: Final = ("agency", "pishkhan", "rural_ict", "post_office")
_PAPER: Final = (resources.files(__package__) / "report.typ").read_text(encoding="utf-8")


async def report(page: Page, period: str) -> Response:
    """The report's rows, with charts of the figures that are told apart further."""
    asked = _period(page, period)
    found, *parts = await _parts(page, asked)
    # drawing takes a tenth of a second: nobody else waits for it
    shown = await asyncio.to_thread(_charts, page, found, *parts)
    return page.render(
        "portal_province/report.html",
        status=found.status if found.problem else 200,
        period=asked,
        periods=[(one, numbers.digits(one, page.lang)) for one in _periods(page, asked)],
        found=found,
        table=_table(page, found, asked),
        charts=shown,
        missing=_missing(page, found),
    )


async def report_csv(page: Page, period: str) -> Response:
    asked = _period(page, period)
    found = await _report(page, asked)
    if found.problem is not None:
        return page.trouble(found.problem)
    table = _table(page, found, asked)
    return _csv(_heads(page, table), table, f"province-{asked}")


async def report_pdf(page: Page, period: str) -> Response:
    """On paper: the rows, the charts, and what is missing if a service did not answer."""
    asked = _period(page, period)
    found, *parts = await _parts(page, asked)
    if found.problem is not None:
        return page.trouble(found.problem)
    table = _table(page, found, asked)
    t, now = page.t, _now(page)
    shown = await asyncio.to_thread(_charts, page, found, *parts)
    data = {
        "lang": page.lang,
        "dir": "rtl" if page.lang == "fa" else "ltr",
        "title": t("province.title"),
        "period": t("province.of_period", period=asked),
        "made": t("province.made", day=Writer(page.lang).instant(now.isoformat()).text),
        "heads": _heads(page, table),
        "rows": [[cell.text for cell in row] for row in table.rows],
        "charts": [
            {"title": one["title"], "svg": charts.svg_of(one["source"].wide)} for one in shown
        ],
        "note": t("province.partial", parts=missing)
        if (missing := _missing(page, found))
        else None,
    }
    made = await typeset.pdf(_PAPER, data, now)
    name = f'attachment; filename="province-{asked}.pdf"'
    headers = {"Content-Disposition": name, "Cache-Control": "no-store"}
    return Response(made, media_type="application/pdf", headers=headers)


async def coverage(page: Page, kind: str) -> Response:
    """How far people have to go: a map of places and offices, and the same in numbers."""
    asked = {"kind": kind or None}
    found, worst = await asyncio.gather(
        page.ask("GET", "offices", "/v1/coverage", query=asked),
        page.ask("GET", "offices", "/v1/coverage/worst", query={**asked, "limit": 20}),
    )
    return page.render(
        "portal_province/coverage.html",
        status=found.status if found.problem else 200,
        found=found,
        worst=worst,
        kind=kind,
        kinds=KINDS,
    )


async def counted(page: Page, session: AsyncSession, what: str) -> Response:
    """What a figure counts, as a table; `format=csv` gives what is shown as a file."""
    query = dict(page.request.query_params)
    if what == "partners":
        found, table = await _partners(page, session, query)
    elif what in TABLES:
        found, table = await TABLES[what](Counted(page, query))
    else:
        raise NotFound("there is no such figure")
    if query.get("format") == "csv" and found.ok:
        return _csv(_heads(page, table), table, what)
    return page.render(
        "portal_province/counted.html",
        status=found.status if found.problem else 200,
        what=what,
        found=found,
        table=table,
        heads=_heads(page, table),
        by=query.get("by", ""),
        dimensions=DIMENSIONS.get(what, ()),
        period=query.get("period", ""),
        now=last_day(query.get("period", ""), page),
    )


async def _partners(
    page: Page, session: AsyncSession, query: dict[str, str]
) -> tuple[Answer, Table]:
    """Shops, banks and others with a booking in the period; accounts are this service's own."""
    runtime: Runtime = page.request.app.state.runtime
    try:
        wanted = Period.parse(_period(page, query.get("period", "")))
    except ValueError as error:
        raise Invalid.field("query.period", str(error)) from None
    kind = query.get("kind", "")
    rows = await aggregation.active_accounts(runtime, session, page.caller.world, wanted)
    made = Table("partners", ("name", "kind", "account"))
    made.rows = [
        [text(one.name), text(page.t.name("counted.kind", one.kind)), code(str(one.id))]
        for one in rows
        if not kind or one.kind == kind
    ]
    return Answer(200), made


def _missing(page: Page, found: Answer) -> str:
    """The services that did not answer, by their names."""
    comma = "، " if page.lang == "fa" else ", "
    return comma.join(page.t.name("province.service", one) for one in found.get("missing", []))


async def _report(page: Page, period: str) -> Answer:
    return await page.ask("GET", "gateway", "/v1/reports/province", query={"period": period})


async def _parts(page: Page, period: str) -> tuple[Answer, Answer, Answer, Answer, Answer]:
    async def asked(service: str, what: str, **query: str) -> Answer:
        return await page.ask("GET", service, f"/v1/statistics/{what}", query=query)

    found, lanes, months, satisfaction, ageing = await asyncio.gather(
        _report(page, period),
        asked("parcels", "transit", period=period, by="lane"),
        asked("parcels", "transit", period=period, by="month"),
        asked("complaints", "satisfaction", period=period, by="county"),
        asked("complaints", "complaints/ageing", by="category"),
    )
    return found, lanes, months, satisfaction, ageing


def _table(page: Page, found: Answer, period: str) -> Table:
    """The rows of the report; last year's figure leads to last year's items."""
    write = Writer(page.lang)
    table = Table("report", ("figure", "value", "previous", "growth"))
    before = _before(period)
    for row in found.get("rows", []):
        name, unit = row["name"], row["unit"]
        then = None if before is None else domain.lead_of(name, before)
        table.rows.append(
            [
                Cell(page.t(f"province.row.{name}"), name),
                write.of_unit(row["value"], unit, domain.lead_of(name, period)),
                write.of_unit(row["previous"], unit, then),
                write.percent(row["growth_percent"]),
            ]
        )
    return table


def _charts(
    page: Page, found: Answer, lanes: Answer, months: Answer, satisfaction: Answer, ageing: Answer
) -> list[dict[str, Any]]:
    """Each: title, source, and the table of the numbers it shows, which lead on."""
    made = [_growth(page, found), _months(page, months), _lanes(page, lanes)]
    made += [_satisfaction(page, satisfaction), _ageing(page, ageing)]
    return [one for one in made if one is not None]


def _growth(page: Page, found: Answer) -> dict[str, Any] | None:
    rows = [row for row in found.get("rows", []) if row["unit"] in {"items", "services"}]
    rows = [row for row in rows if row["value"] is not None and row["previous"] is not None]
    if not rows:
        return None
    labels = [page.t(f"province.row.{row['name']}") for row in rows]
    series = {
        page.t("province.this_period"): [row["value"] for row in rows],
        page.t("province.year_before"): [row["previous"] for row in rows],
    }
    return _chart(page, "growth", charts.lying(labels, series, page.lang), labels, series)


def _months(page: Page, found: Answer) -> dict[str, Any] | None:
    rows = found.get("rows", [])
    if len(rows) < 2:
        return None
    labels = [page.t.name("province.month", row["key"][5:]) for row in rows]
    series = {
        page.t("counted.head.accepted"): [row["accepted"] for row in rows],
        page.t("counted.head.delivered"): [row["delivered"] for row in rows],
    }
    return _chart(page, "months", charts.lines(labels, series, page.lang), labels, series)


def _lanes(page: Page, found: Answer) -> dict[str, Any] | None:
    rows = [row for row in found.get("rows", []) if row["within_promise_percent"] is not None]
    rows = sorted(rows, key=lambda row: -row["accepted"])[:LANES_SHOWN]
    if not rows:
        return None
    labels = [lane(page, row["key"]) for row in rows]
    series = {page.t("counted.head.within"): [row["within_promise_percent"] for row in rows]}
    unit = "٪" if page.lang == "fa" else "%"
    source = charts.lying(labels, series, page.lang, unit=unit, top=100)
    return _chart(page, "lanes", source, labels, series, to="transit")


def lane(page: Page, key: str) -> str:
    """`ahvaz>dezful` with the counties' names, where they are ours."""
    arrow = " \N{LEFTWARDS ARROW} " if page.lang == "fa" else " \N{RIGHTWARDS ARROW} "
    return arrow.join(page.t.name("desk.county", part) for part in key.split(">"))


def _satisfaction(page: Page, found: Answer) -> dict[str, Any] | None:
    rows = [row for row in found.get("rows", []) if row["satisfied_percent"] is not None]
    if not rows:
        return None
    labels = [row["name"] or "—" for row in rows]
    points = [(row["satisfied_percent"], row["low_percent"], row["high_percent"]) for row in rows]
    series = {
        page.t("counted.head.satisfied"): [point[0] for point in points],
        page.t("counted.head.low"): [point[1] for point in points],
        page.t("counted.head.high"): [point[2] for point in points],
    }
    source = charts.intervals(labels, points, page.lang)
    return _chart(page, "satisfaction", source, labels, series, to="satisfaction")


def _ageing(page: Page, found: Answer) -> dict[str, Any] | None:
    rows = found.get("rows", [])
    if not rows:
        return None
    labels = [page.t.name("cases.category", row["key"]) for row in rows]
    ages = ("day", "three_days", "week", "month", "older")
    series = {page.t(f"counted.head.{age}"): [row[age] for row in rows] for age in ages}
    source = charts.lying(labels, series, page.lang, stacked=True)
    return _chart(page, "ageing", source, labels, series, to="ageing")


def _chart(
    page: Page,
    key: str,
    source: Picture,
    labels: list[str],
    series: dict[str, list[float]],
    to: str = "",
) -> dict[str, Any]:
    write = Writer(page.lang)
    return {
        "key": key,
        "title": page.t(f"province.chart.{key}"),
        "source": source,
        "heads": ["", *series],
        "rows": [
            [label, *(write.number(values[n]).text for values in series.values())]
            for n, label in enumerate(labels)
        ],
        "to": to,
    }


def _heads(page: Page, table: Table) -> list[str]:
    return [page.t(f"counted.head.{head}") for head in table.heads]


def _csv(heads: list[str], table: Table, name: str) -> Response:
    headers = {
        "Content-Disposition": f'attachment; filename="{name}.csv"',
        "Cache-Control": "no-store",
    }
    body = domain.as_csv(heads, table.rows)
    return Response(body, media_type="text/csv; charset=utf-8", headers=headers)


def _period(page: Page, period: str) -> str:
    """What was asked for in any digits; the year that is under way unless anything was."""
    return fold_digits(period).strip().upper() or jalali_date(_now(page))[:4]


def _before(period: str) -> str | None:
    try:
        return str(Period.parse(period).previous())
    except ValueError:
        return None


def _periods(page: Page, asked: str) -> list[str]:
    """The last years and their halves, to choose from."""
    year = int(jalali_date(_now(page))[:4])
    years = [str(year - n) for n in range(PERIODS_BACK)]
    known = [each for one in years for each in (one, f"{one}-H2", f"{one}-H1")]
    return known if asked in known else [asked, *known]


def _now(page: Page) -> datetime:
    runtime: Runtime = page.request.app.state.runtime
    return runtime.clock.now()

"""What figures of complaints, satisfaction and compensation count, as tables."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final
from urllib.parse import urlencode

from services.gateway.portal_province.counting import Counted, Found
from services.gateway.portal_province.domain import Table, code, text, to
from shared.calendar import Period

TICK: Final = timedelta(microseconds=1)
LISTED: Final = ("category", "channel", "severity", "status")
"""Of the reports' dimensions, those that the list of cases can be asked by too."""


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
                text(row["name"] or counted.word("desk.product", row["key"]) or "—"),
                write.number(row["answered"], below),
                write.percent(row["satisfied_percent"], below),
                write.percent(row["low_percent"]),
                write.percent(row["high_percent"]),
                write.percent(
                    row["previous"]["satisfied_percent"],
                    _answers_of(by, row["key"], found.body["previous"]),
                ),
                write.number(row["rank"]),
            ]
        )
    table.cursor = found.get("next")
    return found, table


def _answers_of(by: str, key: str, period: str) -> str | None:
    """A county's answers are told apart by its offices first; those of nothing have no list."""
    if not key:
        return None
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
            text(
                "، ".join(counted.word("desk.reason", one["category"]) for one in row["categories"])
            ),
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
        below, before = (
            to("answers", period=period, category=row["category"], score_max=3)
            for period in (counted.period, found.body["previous"])
        )
        table.rows.append(
            [
                text(counted.word("desk.reason", row["category"])),
                counted.write.number(row["answers"], below),
                counted.write.percent(row["percent"], below),
                counted.write.percent(row["previous_percent"], before),
            ]
        )
    return found, table


async def compensation(counted: Counted) -> Found:
    path = "/v1/statistics/compensation"
    found = await counted.ask("complaints", path, counted.asked("period"))
    table = Table("compensation", ("cause", "payments", "paid", "previous"))
    for row in found.get("by_cause", []):
        below, before = (
            to("payments", period=period, cause=row["cause"])
            for period in (counted.period, Period.parse(found.body["period"]).previous())
        )
        table.rows.append(
            [
                text(counted.word("cases.category", row["cause"])),
                counted.write.number(row["payments"], below),
                counted.write.rials(row["paid_rials"], below),
                counted.write.rials(row["previous_paid_rials"], before),
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
                *(
                    counted.write.number(row[measure], _happened(counted, by, row["key"], measure))
                    for measure in ("answered", "closed", "reopened")
                ),
            ]
        )
    return found, table


def _happened(counted: Counted, by: str, key: str | None, measure: str) -> str | None:
    if key is None:
        return None
    return to("cases", period=counted.period, measure=measure, by=by, key=key)


async def cases_of(counted: Counted) -> Found:
    """The cases that were answered, closed or reopened in the period, one by one."""
    path = "/v1/statistics/complaints/breakdown/items"
    found = await counted.page_of("complaints", path, "period", "measure", "by", "key")
    table = Table("cases", ("case", "category", "channel", "severity", "status", "office", "at"))
    table.rows = [
        [
            code(row["number"], f"/portal/cases/{row['number']}"),
            *(text(_key(counted, name, row[name])) for name in LISTED),
            code(row["handling_office"]),
            counted.write.instant(row["at"]),
        ]
        for row in found.get("items", [])
    ]
    table.cursor = found.get("next")
    return found, table


def filed_in(by: str, key: str | None, period: str) -> str | None:
    """The cases that a figure of a period counts; None where their list cannot be asked so."""
    if by not in LISTED or key is None:
        return None
    try:
        span = Period.parse(period)
    except ValueError:
        return None
    return cases(by, key, after=span.start_at - TICK, until=span.end_at - TICK)


def cases(by: str, key: str, *, after: datetime | None, until: datetime | None, **more: str) -> str:
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
    if by not in LISTED or key is None:
        return None
    until = as_of - timedelta(days=since) if as_of and since else None
    after = as_of - timedelta(days=before) if as_of and before else None
    return cases(by, key, after=after, until=until, open="true")


def _key(counted: Counted, by: str, key: str | None) -> str:
    return "—" if key is None else counted.word(f"cases.{by}", key)

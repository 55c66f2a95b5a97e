"""What figures of parcels count, as tables: one function a kind."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl, urlencode

from services.gateway.portal_province.counting import Counted, Found
from services.gateway.portal_province.domain import HERE, Cell, Table, belongs, code, text, to


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
                text(counted.word("desk.product", row["product"])),
                text(counted.word("desk.channel", row["channel"])),
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
            text(counted.word("desk.product", row["product"])),
            text(counted.word("desk.channel", row["channel"])),
            text(counted.word("desk.status", row["status"])),
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
        text(counted.word(f"desk.{by}", row["key"]))
        if by in {"product", "channel"}
        else code(row["key"]),
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
    found = await counted.page_of("parcels", "/v1/statistics/transit/items", *names, "destination")
    heads = (
        "barcode",
        "product",
        "way",
        "status",
        "accepted_at",
        "ended_at",
        "promised_at",
        "hours",
    )
    table = Table("transit_items", heads)
    for row in found.get("items", []):
        minutes = row["transit_minutes"]
        table.rows.append(
            [
                code(row["barcode"], f"/track/{row['barcode']}"),
                text(counted.word("desk.product", row["product"])),
                code(f"{row['county']} > {row['destination']}"),
                text(counted.word("desk.status", row["status"])),
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
                text(counted.word("desk.task", row["task"])),
                text(counted.word("desk.office_kind", row["kind"])),
                counted.write.number(row["count"], href),
            ]
        )
    return found, table


async def task_items(counted: Counted) -> Found:
    found = await counted.page_of("parcels", "/v1/statistics/tasks/items", "period", "task", "kind")
    table = Table("task_items", ("barcode", "task", "office", "at", "status"))
    table.rows = [
        [
            code(row["barcode"], f"/track/{row['barcode']}"),
            text(counted.word("desk.task", row["task"])),
            code(row["office"]),
            counted.write.instant(row["at"]),
            text(counted.word("desk.status", row["status"])),
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

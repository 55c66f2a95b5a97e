"""What figures of people and delegated services count, as tables."""

from services.gateway.portal_province.counting import PAGE_ROWS, Counted, Found, last_day
from services.gateway.portal_province.domain import Table, code, text, to


async def people(counted: Counted) -> Found:
    """Who works where, on the period's last day; or a list of those of one of its rows."""
    on = last_day(counted.period, counted.page)
    if any(counted.query.get(name) for name in ("employment", "role", "kind")):
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
                text(counted.word("desk.office_kind", row["kind"])),
                counted.write.number(
                    row["count"], to("people", period=counted.period, kind=row["kind"])
                ),
            ]
        )
    return found, table


async def _at_work(counted: Counted, on: str) -> Found:
    query = counted.asked("employment", "role", "kind", "cursor") | {
        "on": on,
        "limit": str(PAGE_ROWS),
    }
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


async def performed(counted: Counted) -> Found:
    found = await counted.ask("offices", "/v1/statistics/services", counted.asked("period"))
    table = Table("performed", ("service", "principal", "count", "previous", "growth"))
    table.rows = [
        [
            text(row["name"]),
            text(row["principal"]),
            counted.write.number(row["count"], _records(row["service"], counted.period)),
            counted.write.number(
                row["previous_count"], _records(row["service"], found.body["previous"])
            ),
            counted.write.percent(row["growth_percent"]),
        ]
        for row in found.get("rows", [])
    ]
    return found, table


def _records(service: str, period: str) -> str:
    return to("records", period=period, service=service)


async def records(counted: Counted) -> Found:
    """What offices recorded of a service; the counts, reversals among them, add up to its own."""
    path = "/v1/statistics/services/records"
    found = await counted.page_of("offices", path, "period", "service")
    table = Table("records", ("on_day", "office", "service", "count", "electronic"))
    table.rows = [
        [
            counted.write.day(row["day"]),
            code(row["office"]),
            code(row["service"]),
            counted.write.number(row["count"]),
            text(counted.page.t("web.yes" if row["electronic"] else "web.no")),
        ]
        for row in found.get("items", [])
    ]
    table.cursor = found.get("next")
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

"""Scans as the pages send them, and what they tell of how each fared."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from services.gateway.portal_floor.domain import event_id
from services.gateway.web.asking import Answer, Trouble
from services.gateway.web.pages import Page


@dataclass(frozen=True, slots=True)
class Row:
    """How one scan fared: `result` is a word of `floor.result`, `status` where the item is."""

    code: str
    result: str
    status: str | None = None
    product: str | None = None
    problem: Trouble | None = None


def now(page: Page) -> str:
    text: str = page.request.app.state.runtime.clock.now().isoformat()
    return text


def escaped(code: str) -> str:
    return quote(code, safe="")


async def tracked(page: Page, code: str) -> Answer:
    """What anyone may know of an item."""
    path = f"/v1/tracking/{escaped(code)}"
    return await page.ask("GET", "parcels", path, query={"lang": page.lang})


async def scan(page: Page, office: str, code: str, event: str, key: str) -> Answer:
    """One scan, now; the same however often its form is sent."""
    sent = {
        "barcode": code,
        "event_id": event_id(key, event, code),
        "event": event,
        "office": office,
        "occurred_at": now(page),
    }
    return await page.ask("POST", "parcels", "/v1/scans", json={"scans": [sent]})


async def row_of(page: Page, office: str, code: str, event: str, key: str) -> Row:
    """Scan it, and say what became of it."""
    answer = await scan(page, office, code, event, key)
    if answer.problem is not None:
        return Row(code, "trouble", problem=answer.problem)
    (result,) = answer.body["results"]
    found = await tracked(page, code)
    if not found.ok:
        return Row(code, result["result"])
    return Row(code, result["result"], found.get("status"), found.get("product"))


async def accepted(page: Page, office: str, code: str, key: str) -> Row:
    """Accept what was booked elsewhere. What is on its way already is not scanned once more."""
    before = await tracked(page, code)
    if before.status == 422:
        return Row(code, "malformed")
    if before.ok and before.get("status") != "booked":
        return Row(code, "already", before.get("status"), before.get("product"))
    if before.problem is not None and before.status != 404:
        return Row(code, "trouble", problem=before.problem)
    return await row_of(page, office, code, "acceptance", key)


def items(answer: Answer) -> list[dict[str, Any]]:
    """Of a list; none where there was trouble."""
    found: list[dict[str, Any]] = answer.get("items", [])
    return found

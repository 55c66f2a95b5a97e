"""Use cases of the complaint officer's pages: what each shows, and what a form of it asks."""

import asyncio
from collections.abc import Iterable
from typing import Any, Final
from urllib.parse import quote
from uuid import UUID

from fastapi import Response
from sqlalchemy.ext.asyncio import AsyncSession

from services.gateway.portal_cases import domain
from services.gateway.portal_cases.schemas import ListAsked, QueueAsked
from services.gateway.staff import service as staff
from services.gateway.web.asking import Answer, Trouble
from services.gateway.web.forms import Form
from services.gateway.web.pages import Page
from services.gateway.web.signed_in import may
from shared.errors import NotFound
from shared.text import fold_digits

CASES: Final = "/v1/complaints"
ANSWER: Final = "complaints:answer"
WORDS: Final[dict[str, Any]] = {
    "severities": domain.SEVERITIES,
    "categories": domain.CATEGORIES,
    "causes": domain.CAUSES,
    "stages": domain.STAGES,
    "measures": domain.MEASURES,
    "holders": domain.HOLDERS,
    "waits": domain.WAITS,
}


async def register(page: Page, session: AsyncSession) -> Response:
    """Who signed in handles cases from now on: of the province, a county or an office."""
    form = await page.form()
    body = {"level": form["level"] or "province"}
    if form["place"]:
        office = body["level"] == "office"
        place = fold_digits(form["place"])
        body["office" if office else "county"] = place.upper() if office else place.lower()
    path = f"/v1/complaint-officers/{page.caller.id}"
    saved = await page.ask("PUT", "complaints", path, json=body)
    if saved.problem is not None:
        return await queue(page, session, QueueAsked(mine="1"), form, saved.problem)
    return page.redirect("/portal/cases?mine=1")


async def queue(
    page: Page,
    session: AsyncSession,
    asked: QueueAsked,
    form: Form | None = None,
    problem: Trouble | None = None,
) -> Response:
    """Clocks that run, the first due first; how many are overdue is seen at a glance."""
    query = {
        "state": asked.state or None,
        "measure": asked.measure or None,
        "office": fold_digits(asked.office).upper() or None,
        "officer": page.caller.id if asked.mine else None,
        "cursor": asked.cursor,
        "limit": 50,
    }
    found = await page.ask("GET", "complaints", "/v1/complaint-clocks", query=query)
    now = page.request.app.state.runtime.clock.now()
    rows = [{**row, "left_s": domain.left_s(row["due_at"], now)} for row in found.get("items", [])]
    return page.render(
        "portal_cases/queue.html",
        status=problem.status if problem else 200,
        form=form or Form(),
        problem=problem,
        unknown=bool(asked.mine) and may(page, ANSWER) and not await _handles(page),
        levels=domain.LEVELS,
        found=found,
        rows=rows,
        cursor=found.get("next"),
        asked=asked,
        names=await _names(session, (row["officer"] for row in rows)),
        **WORDS,
    )


async def every(page: Page, session: AsyncSession, asked: ListAsked) -> Response:
    """Cases, the newest first, by what they are and where they stand."""
    query: dict[str, Any] = {
        "status": asked.status or None,
        "category": asked.category or None,
        "severity": asked.severity or None,
        "barcode": asked.barcode or None,
        "office": fold_digits(asked.office).upper() or None,
        "open": asked.open or None,
        "filed_after": asked.filed_after or None,
        "filed_until": asked.filed_until or None,
        "cursor": asked.cursor,
        "limit": 50,
    }
    found = await page.ask("GET", "complaints", CASES, query=query)
    rows = found.get("items", [])
    return page.render(
        "portal_cases/list.html",
        found=found,
        rows=rows,
        cursor=found.get("next"),
        asked=asked,
        names=await _names(session, (row["officer"] for row in rows)),
        **WORDS,
    )


async def case(
    page: Page,
    session: AsyncSession,
    number: str,
    failed: str = "",
    form: Form | None = None,
    problem: Trouble | None = None,
) -> Response:
    """All that an officer decides by. `failed`: the form that was refused, filled in."""
    at = f"{CASES}/{number}"
    whole, clocks, liability, attachments = await asyncio.gather(
        page.ask("GET", "complaints", at),
        page.ask("GET", "complaints", f"{at}/clocks"),
        page.ask("GET", "complaints", f"{at}/liability"),
        page.ask("GET", "complaints", f"{at}/attachments"),
    )
    if whole.problem is not None:
        return page.trouble(whole.problem)
    known: dict[str, Any] = whole.body
    barcode = known["about"].get("barcode")
    claims, tracking = await asyncio.gather(_claims(page, barcode), _tracking(page, barcode))
    snapshot = (known["snapshot"] or {}).get("parcel")
    return page.render(
        "portal_cases/case.html",
        status=problem.status if problem else 200,
        case=known,
        barcode=barcode,
        clocks=clocks,
        liability=liability,
        attachments=attachments,
        claims=claims,
        way=domain.way(snapshot, tracking.body if tracking.ok else None),
        names=await _names(session, _accounts(known, liability, clocks)),
        may_answer=may(page, ANSWER),
        failed=failed,
        form=form or Form(),
        problem=problem,
        done=page.request.query_params.get("done", ""),
        **WORDS,
    )


async def act(page: Page, session: AsyncSession, number: str, act: str) -> Response:
    """What a form of the case asks; done once however often it was sent."""
    wanted = domain.ACTS.get(act)
    if wanted is None:
        raise NotFound("there is no such act")
    form = await page.form()
    path = f"{CASES}/{number}/{wanted.path}"
    body = wanted.body(form)
    answer = await page.ask("POST", "complaints", path, json=body, key=form.key)
    if answer.problem is not None:
        return await case(page, session, number, act, form, answer.problem)
    quoted = quote(number, safe="")
    return page.redirect(f"/portal/cases/{quoted}?done={act}#{wanted.anchor}")


async def attachment(page: Page, number: str, attachment: UUID) -> Response:
    """A file of the case as it was sent in, to be kept: never shown within our pages."""
    path = f"{CASES}/{number}/attachments/{attachment}"
    answer = await page.ask("GET", "complaints", path)
    if answer.problem is not None:
        return page.trouble(answer.problem)
    headers = {
        "Content-Disposition": answer.headers.get("content-disposition", "attachment"),
        "X-Content-Type-Options": "nosniff",
        "Content-Security-Policy": "sandbox",
        "Cache-Control": "no-store",
    }
    kind = answer.headers.get("content-type", "application/octet-stream")
    return Response(answer.content, media_type=kind, headers=headers)


async def _handles(page: Page) -> bool:
    """Whether who signed in is registered to handle cases."""
    found = await page.ask("GET", "complaints", "/v1/complaint-officers", query={"limit": 200})
    return any(one["account"] == page.caller.id for one in found.get("items", []))


async def _claims(page: Page, barcode: str | None) -> Answer:
    if barcode is None:
        return Answer(200, {"items": []})
    return await page.ask("GET", "complaints", "/v1/claims", query={"barcode": barcode})


async def _tracking(page: Page, barcode: str | None) -> Answer:
    if barcode is None:
        return Answer(200)
    return await page.ask("GET", "parcels", f"/v1/tracking/{barcode}")


def _accounts(case: dict[str, Any], liability: Answer, clocks: Answer) -> Iterable[str | None]:
    yield case["officer"]
    for one in (*case["messages"], *case["stages"]):
        yield one["account"]
    for one in (*liability.get("entries", []), *clocks.get("steps", [])):
        yield one["account"]


async def _names(session: AsyncSession, accounts: Iterable[str | None]) -> dict[str, str]:
    return await staff.names(session, accounts)

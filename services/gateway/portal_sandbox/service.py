"""Use cases of the sandbox: book a parcel that lives by itself, watch it, move the time ahead."""

import asyncio
from datetime import datetime
from typing import Any, Final

from fastapi import Response

from services.gateway.portal_partner.service import Desk, desk_of
from services.gateway.portal_sandbox import domain
from services.gateway.web.asking import Query, Trouble
from services.gateway.web.pages import Page, own_path
from shared.clock import world_now
from shared.errors import NotFound
from shared.runtime import Runtime

HERE: Final = "/portal/partner/sandbox"


async def sandbox(page: Page, problem: Trouble | None = None) -> Response:
    """Lives to choose from, and the account's parcels there."""
    desk = await desk_of(page, "test")
    found, offices = await asyncio.gather(
        desk.ask("GET", "parcels", "/v1/parcels", query={"limit": 30}), _offices(desk)
    )
    return page.render(
        "portal_sandbox/sandbox.html",
        status=problem.status if problem else 200,
        partner=desk.partner,
        found=found,
        rows=found.get("items", []),
        offices=offices,
        office_choices=[(one["code"], f"{one['code']} {one['name']}") for one in offices],
        lives=domain.LIVES,
        now=await _sandbox_now(page),
        steps=domain.STEPS_H,
        problem=problem,
    )


async def book(page: Page) -> Response:
    desk = await desk_of(page, "test")
    form = await page.form()
    life = form["life"]
    if life not in domain.LIVES:
        raise NotFound("there is no such life")
    body = domain.booking(life, form.key, form["office"])
    made = await desk.ask("POST", "parcels", "/v1/parcels", json=body, key=form.key)
    if made.problem is not None:
        return await sandbox(page, made.problem)
    return page.redirect(f"{HERE}/{made.body['barcode']}")


async def life(page: Page, barcode: str, problem: Trouble | None = None) -> Response:
    """What has happened, and what its reference has in store."""
    desk = await desk_of(page, "test")
    found, tracking = await asyncio.gather(
        desk.ask("GET", "parcels", f"/v1/parcels/{barcode}"),
        desk.ask("GET", "parcels", f"/v1/tracking/{barcode}"),
    )
    if found.problem is not None:
        return page.trouble(found.problem)
    known: dict[str, Any] = found.body
    scripted = domain.life_of(known["reference"])
    happened = tracking.get("events", [])
    return page.render(
        "portal_sandbox/life.html",
        status=problem.status if problem else 200,
        partner=desk.partner,
        parcel=known,
        life=scripted,
        happened=happened,
        ahead=domain.ahead(_plan(scripted, known), happened),
        tracking=tracking,
        now=await _sandbox_now(page),
        steps=domain.STEPS_H,
        problem=problem,
    )


async def move(page: Page) -> Response:
    """The sandbox's clock, so many hours ahead from where it stands; or back to the wall's."""
    desk = await desk_of(page, "test")
    form = await page.form()
    body: dict[str, Any] = {"mode": "wall"}
    if (hours := domain.step(form["hours"])) is not None:
        at = domain.instant(form["from"]) or await _sandbox_now(page)
        body = {"mode": "sandbox", "at": domain.ahead_of(at, hours).isoformat()}
    answer = await desk.ask("PUT", "gateway", "/v1/clock", json=body)
    if answer.problem is not None:
        return await sandbox(page, answer.problem)
    return page.redirect(own_path(form["back"], HERE))


def _plan(scripted: str | None, parcel: dict[str, Any]) -> list[dict[str, Any]]:
    if scripted is None:
        return []
    booked = datetime.fromisoformat(parcel["booked_at"])
    promised = parcel["promised_at"]
    return domain.plan(scripted, booked, datetime.fromisoformat(promised) if promised else None)


async def _offices(desk: Desk) -> list[dict[str, Any]]:
    """Where a parcel can be handed in there."""
    query: Query = {"limit": 100, "status": "active"}
    found = await desk.ask("GET", "offices", "/v1/offices", query=query)
    rows: list[dict[str, Any]] = found.get("items", [])
    return [one for one in rows if one["kind"] != "sorting_centre"]


async def _sandbox_now(page: Page) -> datetime:
    """The time of the world `test`, which this process may not serve."""
    runtime: Runtime = page.request.app.state.runtime
    if "test" not in runtime.databases.worlds:
        return runtime.clock.now()
    async with runtime.databases["test"].transaction() as session:
        return await world_now(session, runtime.clock)

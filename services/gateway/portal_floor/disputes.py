"""Discrepancies: what did not fit, what is known of the item, and its settlement."""

import asyncio
from typing import Final

from fastapi import Response

from services.gateway.portal_floor import domain
from services.gateway.portal_floor.place import office_or_none
from services.gateway.portal_floor.scanning import escaped, items
from services.gateway.web.asking import Trouble
from services.gateway.web.forms import Form
from services.gateway.web.pages import Page

HOME: Final = "/portal/sorting/discrepancies"
PER_PAGE: Final = 30


async def listing(page: Page) -> Response:
    """The open ones of the office first; or of all, of a kind."""
    asked = page.request.query_params
    owner = None if asked.get("all") else office_or_none(page)
    status = "closed" if asked.get("status") == "closed" else "open"
    query = {
        "status": status,
        "kind": asked.get("kind") or None,
        "owner": owner,
        "cursor": asked.get("cursor"),
        "limit": PER_PAGE,
    }
    found = await page.ask("GET", "parcels", "/v1/discrepancies", query=query)
    return page.render(
        "portal_floor/discrepancies.html",
        found=items(found),
        cursor=found.get("next"),
        problem=found.problem,
        status_shown=status,
        owner=owner,
        kind=asked.get("kind", ""),
        kinds=[(kind, page.t.name("floor.kind", kind)) for kind in domain.KINDS],
    )


async def show(
    page: Page, discrepancy_id: str, problem: Trouble | None = None, form: Form | None = None
) -> Response:
    """With the item's recorded events and who has it now."""
    found = await page.ask("GET", "parcels", f"/v1/discrepancies/{escaped(discrepancy_id)}")
    if found.problem is not None:
        return page.trouble(found.problem)
    parcel = f"/v1/parcels/{escaped(found.body['barcode'])}"
    events, custody = await asyncio.gather(
        page.ask("GET", "parcels", f"{parcel}/events"),
        page.ask("GET", "parcels", f"{parcel}/custody"),
    )
    return page.render(
        "portal_floor/discrepancy.html",
        problem.status if problem else 200,
        one=found.body,
        events=events.get("events", []),
        custody=custody.body if custody.ok else None,
        problem=problem,
        form=form or Form(),
    )


async def settle(page: Page, discrepancy_id: str) -> Response:
    """Close it with the reason, or make another office clear it up."""
    form = await page.form()
    if form["do"] == "assign":
        command, body = "assign", {"office": form["office"].upper()}
    else:
        command, body = "close", {"reason": form["reason"]}
    path = f"/v1/discrepancies/{escaped(discrepancy_id)}/{command}"
    done = await page.ask("POST", "parcels", path, json=body, key=form.key)
    if done.problem is not None:
        return await show(page, discrepancy_id, done.problem, form)
    return page.redirect(f"{HOME}/{discrepancy_id}" if command == "assign" else HOME)

"""The day's cash of an office: what couriers hand in, and the drawer's end of day."""

import asyncio
from typing import Any

from fastapi import Response

from services.gateway.portal_floor import domain
from services.gateway.portal_floor.place import office_of
from services.gateway.portal_floor.scanning import escaped, items
from services.gateway.web.asking import Trouble
from services.gateway.web.forms import Form
from services.gateway.web.pages import Page
from shared.calendar import tehran_date

SHOWN = 14


async def cash(
    page: Page,
    form: Form | None = None,
    problem: Trouble | None = None,
    done: dict[str, Any] | None = None,
) -> Response:
    """`done`: what was just counted."""
    office = office_of(page)
    path = f"/v1/drawers/{escaped(office)}"
    drawer, closes = await asyncio.gather(
        page.ask("GET", "parcels", path),
        page.ask("GET", "parcels", f"{path}/closes", query={"limit": SHOWN}),
    )
    if drawer.problem is not None:
        return page.trouble(drawer.problem)
    today = tehran_date(page.request.app.state.runtime.clock.now())
    return page.render(
        "portal_floor/cash.html",
        problem.status if problem else 200,
        drawer=drawer.body,
        closes=items(closes),
        done=done,
        today=today,
        form=form or Form(),
        problem=problem,
    )


async def count(page: Page) -> Response:
    """A courier's cash, or the end of the day; a difference is said again with its reason."""
    form, office = await page.form(), office_of(page)
    if form["do"] == "hand-in":
        path, body = "/v1/hand-ins", domain.handed_in(form, office)
    else:
        path, body = f"/v1/drawers/{escaped(office)}/closes", domain.closed(form)
    done = await page.ask("POST", "parcels", path, json=body, key=form.key)
    if done.problem is not None:
        return await cash(page, form, done.problem)
    return await cash(page, done=done.body)

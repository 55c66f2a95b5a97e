"""Bags: made, filled, closed, loaded, taken off, opened; what was missing in them."""

import asyncio
from collections.abc import Sequence
from typing import Any, Final

from fastapi import Response

from services.gateway.portal_floor import domain, scanning
from services.gateway.portal_floor.place import office_of
from services.gateway.portal_floor.scanning import Row, escaped, items
from services.gateway.web.asking import Answer, Trouble
from services.gateway.web.forms import Form
from services.gateway.web.pages import Page

HOME: Final = "/portal/sorting/bags"
PER_PAGE: Final = 30
SHOWN: Final = 200
LISTS: Final = {
    "open": {"from_office": True, "status": "open"},
    "closed": {"from_office": True, "status": "closed"},
    "coming": {"to_office": True, "status": "in_transit"},
    "arrived": {"to_office": True, "status": "arrived"},
    "opened": {"to_office": True, "status": "opened"},
}
"""What a centre looks for: bags from it or to it, by their state."""


def _wanted(which: str, office: str) -> dict[str, Any]:
    return {name: office if what is True else what for name, what in LISTS[which].items()}


async def lists(page: Page, office: str, limit: int) -> dict[str, Answer]:
    """The first of each list."""
    names = ("coming", "arrived", "open", "closed")
    asked = [
        page.ask("GET", "parcels", "/v1/bags", query={**_wanted(name, office), "limit": limit})
        for name in names
    ]
    return dict(zip(names, await asyncio.gather(*asked), strict=True))


async def listing(page: Page, problem: Trouble | None = None, form: Form | None = None) -> Response:
    office = office_of(page)
    asked = page.request.query_params.get("which", "")
    which = asked if asked in LISTS else "open"
    query = {**_wanted(which, office), "limit": PER_PAGE}
    query["cursor"] = page.request.query_params.get("cursor")
    found = await page.ask("GET", "parcels", "/v1/bags", query=query)
    return page.render(
        "portal_floor/bags.html",
        problem.status if problem else 200,
        which=which,
        lists=list(LISTS),
        bags=items(found),
        cursor=found.get("next"),
        problem=problem or found.problem,
        form=form or Form(),
        office=office,
    )


async def create(page: Page) -> Response:
    form, office = await page.form(), office_of(page)
    body = {"from_office": office}
    if form["to_office"]:
        body["to_office"] = form["to_office"].upper()
    made = await page.ask("POST", "parcels", "/v1/bags", json=body, key=form.key)
    if made.problem is not None:
        return await listing(page, made.problem, form)
    return page.redirect(f"{HOME}/{made.body['bag']}")


async def bag(
    page: Page,
    code: str,
    *,
    rows: Sequence[Row] = (),
    opened: Any = None,
    problem: Trouble | None = None,
) -> Response:
    """A bag and what is to be done with it next. `opened`: what its opening found."""
    office = office_of(page)
    path = f"/v1/bags/{escaped(code)}"
    whole, inside = await asyncio.gather(
        page.ask("GET", "parcels", path),
        page.ask("GET", "parcels", f"{path}/items", query={"limit": SHOWN}),
    )
    if whole.problem is not None:
        return page.trouble(whole.problem)
    return page.render(
        "portal_floor/bag.html",
        problem.status if problem else 200,
        bag=whole.body,
        inside=[one for one in items(inside) if one["until"] is None],
        office=office,
        rows=rows,
        opened=opened,
        problem=problem,
    )


async def act(page: Page, code: str) -> Response:
    """What the bag's page sends: a scan of an item, or what befell the whole bag."""
    form, office = await page.form(), office_of(page)
    if form["do"] in {"packed", "removed"}:
        return await _pack(page, form, office, code)
    if form["do"] == "opened":
        return await _open(page, form, office, code)
    return await _befall(page, form, office, code)


async def _pack(page: Page, form: Form, office: str, code: str) -> Response:
    found = domain.codes(form["code"])
    if not found:
        return page.redirect(f"{HOME}/{escaped(code)}")
    sent = [
        {
            "barcode": item,
            "event_id": domain.event_id(form.key, form["do"], code, item),
            "event": form["do"],
            "office": office,
            "occurred_at": scanning.now(page),
        }
        for item in found
    ]
    path = f"/v1/bags/{escaped(code)}/items"
    done = await page.ask("POST", "parcels", path, json={"items": sent})
    rows = [
        Row(one["barcode"], _word(form["do"], one["result"])) for one in done.get("results", [])
    ]
    return await bag(page, code, rows=rows, problem=done.problem)


def _word(event: str, result: str) -> str:
    return event if result == "recorded" else result


async def _open(page: Page, form: Form, office: str, code: str) -> Response:
    body = {
        "event_id": form.key,
        "office": office,
        "occurred_at": scanning.now(page),
        "items": domain.codes(form["items"]),
    }
    if form["seal"]:
        body["seal"] = form["seal"]
    path = f"/v1/bags/{escaped(code)}/openings"
    done = await page.ask("POST", "parcels", path, json=body)
    return await bag(page, code, opened=done.body if done.ok else None, problem=done.problem)


async def _befall(page: Page, form: Form, office: str, code: str) -> Response:
    """Closed, loaded, unloaded or held."""
    sent = {
        "bag": code,
        "event_id": domain.event_id(form.key, form["do"], code),
        "event": form["do"],
        "office": office,
        "occurred_at": scanning.now(page),
    }
    sent |= {name: form[name] for name in ("seal", "trip") if form[name]}
    done = await page.ask("POST", "parcels", "/v1/bag-scans", json={"scans": [sent]})
    if done.problem is not None:
        return await bag(page, code, problem=done.problem)
    return page.redirect(f"{HOME}/{escaped(code)}")

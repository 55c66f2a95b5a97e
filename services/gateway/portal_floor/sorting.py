"""A sorting centre's pages: what comes and goes today, dispatches, trips."""

import asyncio
from typing import Any, Final

from fastapi import Response

from services.gateway.portal_floor import bags, domain, scanning
from services.gateway.portal_floor.place import office_of, office_or_none, remembered
from services.gateway.portal_floor.scanning import Row, escaped, items
from services.gateway.web.asking import Answer, Query, Trouble
from services.gateway.web.forms import Form
from services.gateway.web.pages import Page
from services.gateway.web.signed_in import may
from shared.calendar import tehran_date

HOME: Final = "/portal/sorting"
FIRST: Final = 50
TRIPS_MAX: Final = 200
COMMANDS: Final = {"close": "close", "handover": "handover", "bags": "bags"}


async def home(page: Page, row: Row | None = None) -> Response:
    """Where one is not of an office, it is chosen first."""
    office = office_or_none(page)
    if office is None:
        found = await page.ask("GET", "offices", "/v1/offices", query={"kind": "sorting_centre"})
        return page.render("portal_floor/office.html", offices=items(found))
    lists, calls, open_ones = await asyncio.gather(
        bags.lists(page, office, FIRST), trips_here(page, office), _discrepancies(page, office)
    )
    made = page.render(
        "portal_floor/sorting.html",
        office=office,
        lists={name: items(found) for name, found in lists.items()},
        more={name for name, found in lists.items() if found.get("next")},
        problem=next((one.problem for one in lists.values() if one.problem), None),
        calls=calls,
        open_ones=open_ones,
        row=row,
    )
    return remembered(page, made)


async def _discrepancies(page: Page, office: str) -> Answer | None:
    if not may(page, "custody:decide"):
        return None
    query: Query = {"status": "open", "owner": office, "limit": FIRST}
    return await page.ask("GET", "parcels", "/v1/discrepancies", query=query)


async def scan(page: Page) -> Response:
    """A bag has its own page; an item that came in no bag has arrived."""
    form, office = await page.form(), office_of(page)
    found = domain.scanned(form["code"])
    if found.kind == "bag":
        return page.redirect(f"{bags.HOME}/{found.code}")
    if found.kind != "parcel":
        return page.redirect(HOME)
    event = "departure" if form["event"] == "departure" else "arrival"
    return await home(page, await scanning.row_of(page, office, found.code, event, form.key))


async def trips_here(page: Page, office: str) -> list[dict[str, Any]] | None:
    """Today's trips that call at the office, in the order of the day; None where one may not."""
    if not may(page, "reports:read"):
        return None
    today = tehran_date(page.request.app.state.runtime.clock.now()).isoformat()
    query: Query = {"from_day": today, "until_day": today, "limit": TRIPS_MAX}
    found = await page.ask("GET", "parcels", "/v1/trips", query=query)
    calls = [
        {"trip": trip, "stop": stop}
        for trip in items(found)
        for stop in domain.calls_at(trip, office)
    ]
    return sorted(calls, key=lambda call: call["stop"].due_at or call["stop"].leaves_at or "")


async def trips(page: Page, problem: Trouble | None = None) -> Response:
    office = office_of(page)
    calls = await trips_here(page, office)
    status = problem.status if problem else 200
    return page.render(
        "portal_floor/trips.html", status, office=office, calls=calls, problem=problem
    )


async def call(page: Page) -> Response:
    """A vehicle came or left, now; with what is on board."""
    form = await page.form()
    what = "departure" if form["do"] == "departure" else "arrival"
    path = f"/v1/trips/{escaped(form['trip'])}/calls/{escaped(form['call'])}/{what}"
    body: dict[str, Any] = {}
    if what == "departure":
        loads = {name: domain.whole(form[name]) for name in ("items", "weight_kg")}
        body = {name: load for name, load in loads.items() if load is not None}
    done = await page.ask("PUT", "parcels", path, json=body)
    if done.problem is not None:
        return await trips(page, done.problem)
    return page.redirect(f"{HOME}/trips")


async def dispatches(
    page: Page, problem: Trouble | None = None, form: Form | None = None
) -> Response:
    office = office_of(page)
    query = {"limit": FIRST, "cursor": page.request.query_params.get("cursor")}
    found, operators = await asyncio.gather(
        page.ask("GET", "parcels", "/v1/dispatches", query=query),
        page.ask("GET", "parcels", "/v1/operators", query={"limit": 100}),
    )
    return page.render(
        "portal_floor/dispatches.html",
        problem.status if problem else 200,
        dispatches=items(found),
        operators=[(one["code"], one["name"]) for one in items(operators)],
        cursor=found.get("next"),
        problem=problem or found.problem,
        form=form or Form(),
        office=office,
    )


async def create_dispatch(page: Page) -> Response:
    form, office = await page.form(), office_of(page)
    to = {"operator": form["operator"]} if form["operator"] else {"to_office": form["to_office"]}
    body = {"from_office": office, **to}
    made = await page.ask("POST", "parcels", "/v1/dispatches", json=body, key=form.key)
    if made.problem is not None:
        return await dispatches(page, made.problem, form)
    return page.redirect(f"{HOME}/dispatches/{made.body['id']}")


async def dispatch(
    page: Page, dispatch_id: str, problem: Trouble | None = None, form: Form | None = None
) -> Response:
    office = office_of(page)
    path = f"/v1/dispatches/{escaped(dispatch_id)}"
    closed: Query = {"from_office": office, "status": "closed", "limit": 100}
    whole, waiting = await asyncio.gather(
        page.ask("GET", "parcels", path), page.ask("GET", "parcels", "/v1/bags", query=closed)
    )
    if whole.problem is not None:
        return page.trouble(whole.problem)
    return page.render(
        "portal_floor/dispatch.html",
        problem.status if problem else 200,
        dispatch=whole.body,
        waiting=[one for one in items(waiting) if one["dispatch"] is None],
        problem=problem,
        form=form or Form(),
        office=office,
    )


async def change_dispatch(page: Page, dispatch_id: str) -> Response:
    """More bags, no more bags, or handed over against a receipt."""
    form, office = await page.form(), office_of(page)
    body: dict[str, Any] | None = None
    match form["do"]:
        case "bags":
            chosen = dict.fromkeys([*form.all("bag"), *domain.codes(form["code"])])
            body = {"bags": [{"bag": bag} for bag in chosen]}
        case "handover":
            body = {"receipt": form["receipt"], "office": office}
        case _:
            pass
    command = COMMANDS.get(form["do"], "close")
    path = f"/v1/dispatches/{escaped(dispatch_id)}/{command}"
    done = await page.ask("POST", "parcels", path, json=body, key=form.key)
    if done.problem is not None:
        return await dispatch(page, dispatch_id, done.problem, form)
    return page.redirect(f"{HOME}/dispatches/{dispatch_id}")

"""A clerk's pages: accept, book, price, label, hand over."""

from collections.abc import Sequence
from typing import Any

from fastapi import Response

from services.gateway.portal_floor import domain, scanning
from services.gateway.portal_floor.place import office_of, remembered
from services.gateway.portal_floor.scanning import Row, escaped, items
from services.gateway.web.asking import Answer, Query, Trouble
from services.gateway.web.forms import Form
from services.gateway.web.pages import HEADERS, Page

HOME = "/portal/counter"
RECENT = 8


async def home(page: Page, row: Row | None = None) -> Response:
    office = office_of(page)
    recent = await page.ask("GET", "parcels", "/v1/parcels", query={"limit": RECENT})
    made = page.render("portal_floor/counter.html", office=office, recent=items(recent), row=row)
    return remembered(page, made)


async def accept(page: Page) -> Response:
    """A parcel is accepted; a bag or a shop's list has a page of its own."""
    form, office = await page.form(), office_of(page)
    found = domain.scanned(form["code"])
    if found.kind == "bag":
        return page.redirect(f"/portal/sorting/bags/{found.code}")
    if found.kind == "manifest":
        return page.redirect(f"{HOME}/manifests/{found.code}")
    if found.kind == "nothing":
        return page.redirect(HOME)
    return await home(page, await scanning.accepted(page, office, found.code, form.key))


async def new_parcel(page: Page) -> Response:
    office_of(page)
    return await _form(page, Form({"province": "khuzestan", "product": domain.PRODUCTS[0]}))


async def book(page: Page) -> Response:
    """Price it; or book and accept it at the price that was shown."""
    form, office = await page.form(), office_of(page)
    priced = await _priced(page, form, office)
    if priced.problem is not None:
        return await _form(page, form, problem=_renamed(priced.problem))
    shown = form["shown_rials"] == str(priced.body["price_rials"])
    if form["do"] != "book" or not shown:
        moved = bool(form["shown_rials"]) and form["do"] == "book"
        return await _form(page, form, quote=priced.body, moved=moved)
    body = domain.booking_of(form, office)
    booked = await page.ask("POST", "parcels", "/v1/parcels", json=body, key=form.key)
    if booked.problem is not None:
        return await _form(page, form, quote=priced.body, problem=_renamed(booked.problem))
    barcode: str = booked.body["barcode"]
    await scanning.scan(page, office, barcode, "acceptance", form.key)
    return page.redirect(f"{HOME}/parcels/{barcode}?booked=yes")


async def _priced(page: Page, form: Form, office: str) -> Answer:
    at = await page.ask("GET", "offices", f"/v1/offices/{escaped(office)}")
    if at.problem is not None:
        return at
    return await page.ask("POST", "parcels", "/v1/quotes", json=domain.quote_of(form, at.body))


def _renamed(problem: Trouble) -> Trouble:
    """Its fields by the form's names: `recipient.phone` is `recipient_phone`."""
    names = {"destination_province": "province", "destination_town": "town"}
    fields = {
        names.get(name, name.removeprefix("size.").replace(".", "_")): fault
        for name, fault in problem.fields.items()
    }
    for place in ("province", "town"):
        if (fault := fields.pop(f"recipient_{place}", None)) is not None:
            fields[place] = fault
    return Trouble(problem.status, problem.code, problem.title, problem.detail, fields)


async def _form(
    page: Page,
    form: Form,
    *,
    quote: Any = None,
    moved: bool = False,
    problem: Trouble | None = None,
) -> Response:
    towns = await page.ask("GET", "offices", "/v1/towns")
    return page.render(
        "portal_floor/book.html",
        problem.status if problem else 200,
        form=form,
        quote=quote,
        moved=moved,
        problem=problem,
        towns=items(towns),
        products=_named(page, "product", domain.PRODUCTS),
        payers=_named(page, "floor.payer", domain.PAYERS),
        provinces=_named(page, "province", domain.PROVINCES),
    )


def _named(page: Page, family: str, codes: Sequence[str]) -> list[tuple[str, str]]:
    return [(code, page.t.name(family, code)) for code in codes]


async def parcel(page: Page, barcode: str) -> Response:
    """One's own with its label; of another's, what anyone may know."""
    own = await page.ask("GET", "parcels", f"/v1/parcels/{escaped(barcode)}")
    if own.problem is not None and own.status != 404:
        return page.trouble(own.problem)
    track = await scanning.tracked(page, barcode)
    if track.problem is not None:
        return page.trouble(track.problem)
    return page.render("portal_floor/parcel.html", own=own.body if own.ok else None, track=track)


async def label(page: Page, barcode: str) -> Response:
    """The label to be printed, as the API draws it."""
    path = f"/v1/parcels/{escaped(barcode)}/label"
    made = await page.ask("GET", "parcels", path, query={"format": "pdf"})
    if made.problem is not None:
        return page.trouble(made.problem)
    name = f'inline; filename="{barcode}.pdf"' if barcode.isalnum() else "inline"
    headers = {**HEADERS, "Cache-Control": "no-store", "Content-Disposition": name}
    return Response(made.content, media_type="application/pdf", headers=headers)


async def change(page: Page, barcode: str) -> Response:
    """Accept it after all, or cancel it."""
    form, office = await page.form(), office_of(page)
    if form["do"] == "cancel":
        path = f"/v1/parcels/{escaped(barcode)}/cancel"
        done = await page.ask("POST", "parcels", path)
    else:
        done = await scanning.scan(page, office, barcode, "acceptance", form.key)
    if done.problem is not None:
        return page.trouble(done.problem)
    return page.redirect(f"{HOME}/parcels/{barcode}")


async def manifest(page: Page, code: str) -> Response:
    office_of(page)
    return page.render("portal_floor/manifest.html", code=code, done=None)


async def accept_manifest(page: Page, code: str) -> Response:
    """All that a shop brought: the pieces counted, and the numbers where the count differs."""
    form, office = await page.form(), office_of(page)
    found = domain.codes(form["barcodes"])
    body: dict[str, Any] = {"office": office, "pieces": domain.whole(form["pieces"])}
    body |= {"barcodes": found} if found else {}
    path = f"/v1/manifests/{escaped(code)}/accept"
    done = await page.ask("POST", "parcels", path, json=body, key=form.key)
    status = done.problem.status if done.problem else 200
    return page.render(
        "portal_floor/manifest.html",
        status,
        code=code,
        form=form,
        problem=done.problem,
        done=done.body if done.ok else None,
    )


async def handover(page: Page, results: Any = None, problem: Trouble | None = None) -> Response:
    """The office's closed bags, to be given to a trip."""
    office = office_of(page)
    query: Query = {"from_office": office, "status": "closed", "limit": 100}
    bags = await page.ask("GET", "parcels", "/v1/bags", query=query)
    return page.render(
        "portal_floor/handover.html",
        bags=[bag for bag in items(bags) if bag["office"] == office],
        results=results,
        problem=problem or bags.problem,
        trip=page.request.query_params.get("trip", ""),
    )


async def hand_over(page: Page) -> Response:
    """Loaded: each of these bags, with all that is in it, is on its way."""
    form, office = await page.form(), office_of(page)
    chosen = list(dict.fromkeys([*form.all("bag"), *domain.codes(form["code"])]))
    if not chosen:
        return page.redirect(f"{HOME}/handover")
    sent = [_loaded(page, form, office, bag) for bag in chosen]
    done = await page.ask("POST", "parcels", "/v1/bag-scans", json={"scans": sent})
    return await handover(page, done.get("results"), done.problem)


def _loaded(page: Page, form: Form, office: str, bag: str) -> dict[str, Any]:
    trip = {"trip": form["trip"]} if form["trip"] else {}
    return {
        "bag": bag,
        "event_id": domain.event_id(form.key, "loaded", bag),
        "event": "loaded",
        "office": office,
        "occurred_at": scanning.now(page),
        **trip,
    }

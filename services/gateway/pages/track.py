"""Tracking for everybody: one number with its way, several in a table, the details by a phone."""

import asyncio
from typing import Any
from urllib.parse import quote

from fastapi import Response

from services.gateway.pages.domain import mood, numbers_in, stops_of
from services.gateway.web.asking import Answer
from services.gateway.web.forms import Form
from services.gateway.web.pages import Page


def home(page: Page) -> Response:
    return page.render("pages/home.html")


def form(page: Page, numbers: str) -> Response:
    """Of a form's answer the address of its numbers: a link that can be shared."""
    found = numbers_in(numbers)
    if not found:
        return page.render("pages/track.html", typed=numbers)
    return page.redirect(f"/track/{quote(','.join(found), safe=',')}")


async def show(page: Page, numbers: str) -> Response:
    found = numbers_in(numbers)
    if not found:
        return page.redirect("/track")
    return await (_one(page, found[0]) if len(found) == 1 else _many(page, found))


async def details(page: Page, number: str, sent: Form) -> Response:
    """The page again, with what only who knows the recipient's phone may see."""
    answer = await page.ask(
        "POST",
        "parcels",
        f"/v1/tracking/{number}/details",
        json={"phone_last_four": sent["phone_last_four"]},
    )
    return await _one(page, number, details=answer, sent=sent)


async def _one(
    page: Page, number: str, *, details: Answer | None = None, sent: Form | None = None
) -> Response:
    """The estimate is worth no wait of its own: it is asked for beside the rest."""
    told, eta = await asyncio.gather(
        page.ask("GET", "parcels", f"/v1/tracking/{number}", query={"lang": page.lang}),
        page.ask("GET", "parcels", f"/v1/parcels/{number}/eta"),
    )
    if told.problem:
        return page.render(
            "pages/track.html", told.status, typed=number, problem=told.problem, private=True
        )
    expected = eta.body if eta.ok else None
    wrong = details.problem if details is not None else None
    return page.render(
        "pages/tracked.html",
        wrong.status if wrong else 200,
        private=details is not None,
        tracking=told.body,
        eta=expected,
        stops=stops_of(told.body, expected),
        mood=mood(told.body["status"]),
        details=details.body if details is not None and details.ok else None,
        problem=wrong,
        form=sent or Form(),
    )


async def _many(page: Page, numbers: list[str]) -> Response:
    body: dict[str, Any] = {"barcodes": numbers}
    query = {"lang": page.lang}
    told = await page.ask("POST", "parcels", "/v1/tracking", json=body, query=query)
    if told.problem:
        return page.render("pages/track.html", told.status, typed="", problem=told.problem)
    return page.render("pages/tracked_many.html", results=told.body["results"], mood=mood)

"""What it costs, line by line, and what is promised for it."""

from collections.abc import Mapping
from typing import Any, Final

from fastapi import Response

from services.gateway.pages.domain import target_of
from services.gateway.web.asking import Answer
from services.gateway.web.pages import Page
from shared.text import fold_digits

TOMANS: Final = 10
WEIGHT: Final = "weight_g"
ASKED: Final = (
    "product",
    WEIGHT,
    "destination_province",
    "destination_town",
    "origin_town",
    "declared_value_rials",
    "cod_rials",
    "length_mm",
    "width_mm",
    "height_mm",
)
TICKED: Final = ("advice_of_delivery", "pickup")


async def price(page: Page, typed: Mapping[str, str]) -> Response:
    """The form, filled in as it came; with a weight, the price as well."""
    towns = await page.ask("GET", "offices", "/v1/towns")
    quote: Answer | None = None
    target = None
    if typed.get(WEIGHT):
        quote = await page.ask("GET", "parcels", "/v1/quotes", query=_query(typed))
    if quote is not None and quote.ok:
        target = await _target(page, quote.body)
    wrong = quote.problem if quote is not None else None
    return page.render(
        "pages/price.html",
        wrong.status if wrong else 200,
        typed=typed,
        quote=quote.body if quote is not None and quote.ok else None,
        target=target,
        towns=_towns(page, towns),
        problem=wrong,
    )


def _query(typed: Mapping[str, str]) -> dict[str, str | None]:
    """Numbers in any digits and with separators; towns are told only where both are known."""
    asked: dict[str, str | None] = {
        name: fold_digits(typed.get(name, "")).replace(",", "").replace("\u066c", "").strip()
        for name in ASKED
    }
    asked |= {name: "true" if typed.get(name) else "" for name in TICKED}
    if asked["destination_province"] != "khuzestan":
        asked["destination_town"] = asked["origin_town"] = ""
    return {name: value or None for name, value in asked.items()}


async def _target(page: Page, quote: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """Of the terms in force on the day of the quote."""
    listed = await page.ask("GET", "parcels", "/v1/promise-terms", query={"limit": 50})
    known = listed.get("items", [])
    code = next((one["code"] for one in known if one["valid_from"] <= quote["on"]), None)
    if code is None:
        return None
    terms = await page.ask("GET", "parcels", f"/v1/promise-terms/{code}")
    return target_of(terms.get("targets", []), quote["product"], quote["distance_class"])


def _towns(page: Page, towns: Answer) -> list[tuple[str, str]]:
    name = "name" if page.lang == "fa" else "name_en"
    largest = sorted(towns.get("items", []), key=lambda one: -one["population"])
    return [(one["slug"], one[name]) for one in largest]

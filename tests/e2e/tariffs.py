"""Tariffs, a held quote and a recomputation that exist, for requests that are to come through."""

from typing import Any, Final

from tests.e2e.people import Make
from tests.factories.tariffs import draft

IN_FORCE: Final = "1395-example"
FIELDS: Final[dict[str, Any]] = {
    "destination_country": None,
    "length_mm": None,
    "width_mm": None,
    "height_mm": None,
    "size": None,
    "quote": None,
    "lock": False,
}
QUOTED: Final = {
    "GET /v1/quotes": {
        "product": "pishtaz",
        "weight_g": 450,
        "destination_province": "khuzestan",
    }
}
RUN: Final = {"version": IN_FORCE, "booked_from": "2019-03-21", "booked_until": "2019-03-21"}


def make_tariffs(make: Make) -> tuple[dict[str, str], dict[str, dict[str, str]]]:
    """Path parameters by name, and others for paths that end so."""
    for code, day in (("to-publish", "2150-03-21"), ("to-change", "2151-03-21")):
        make("/v1/tariff-drafts", draft(code, day))
    asked = {"product": "pishtaz", "weight_g": 450, "destination_province": "khuzestan"}
    paths = {
        "quote_id": make("/v1/quotes", {**asked, "lock": True})["id"],
        "run_id": make("/v1/recomputations", RUN)["id"],
    }
    special = {
        "/tariffs/{code}": {"code": IN_FORCE},
        "/tariff-drafts/{code}": {"code": "to-change"},
        "/tariff-drafts/{code}/publish": {"code": "to-publish"},
    }
    return paths, special

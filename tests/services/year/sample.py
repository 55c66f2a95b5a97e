"""A small province as GET /v1/towns, GET /v1/offices and GET /v1/services list it."""

from collections.abc import Mapping
from typing import Any

TOWNS: list[dict[str, Any]] = [
    {"slug": "ahvaz", "name": "اهواز", "population": 1_184_788},
    {"slug": "dezful", "name": "دزفول", "population": 264_709},
    {"slug": "abadan", "name": "آبادان", "population": 231_476},
    {"slug": "shush", "name": "شوش", "population": 77_148},
    {"slug": "nowhere", "name": "ناکجا", "population": 0},
]


def _office(code: int, town: str, kind: str, centre: str | None) -> dict[str, Any]:
    return {
        "code": f"KZ{code:05d}",
        "kind": kind,
        "town": town,
        "status": "active",
        "sorting_centre": centre,
    }


OFFICES: list[Mapping[str, Any]] = [
    _office(1, "ahvaz", "sorting_centre", None),
    _office(2, "dezful", "sorting_centre", None),
    _office(3, "ahvaz", "post_office", "KZ00001"),
    _office(4, "ahvaz", "pishkhan", "KZ00001"),
    _office(5, "ahvaz", "agency", "KZ00001"),
    _office(6, "dezful", "post_office", "KZ00002"),
    _office(7, "abadan", "post_office", "KZ00001"),
    _office(8, "shush", "agency", "KZ00002"),
    _office(9, "shush", "pishkhan", "KZ00002") | {"status": "suspended"},
    _office(10, "dezful", "agency", "KZ00002"),
    _office(11, "abadan", "pishkhan", "KZ00001"),
    _office(12, "shush", "rural_ict", "KZ00002"),
]
KINDS = {office["code"]: office["kind"] for office in OFFICES}


def _service(code: str, *, electronic: bool, at_counter: bool) -> dict[str, Any]:
    return {"code": code, "electronic": electronic, "at_counter": at_counter}


SERVICES = [
    _service("civil.id-card", electronic=False, at_counter=True),
    _service("tax.declaration", electronic=True, at_counter=False),
    _service("social.insurance", electronic=True, at_counter=True),
]
OFFERED = {
    "KZ00003": ["civil.id-card", "social.insurance", "counter.own"],
    "KZ00006": ["civil.id-card", "tax.declaration"],
    "KZ00004": ["civil.id-card", "tax.declaration", "social.insurance"],
    "KZ00011": ["social.insurance"],
    "KZ00012": ["tax.declaration", "social.insurance"],
}
"""By office; `counter.own` is no delegated service."""

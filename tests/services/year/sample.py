"""A small province as GET /v1/towns and GET /v1/offices list it."""

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
]

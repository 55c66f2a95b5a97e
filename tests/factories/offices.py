"""Offices for tests: towns put in by SQL, offices asked for over HTTP."""

from typing import Any

import httpx

WRITE = "offices:write"
WEEKDAYS = ("sat", "sun", "mon", "tue", "wed")
HOURS: dict[str, list[str]] = {
    **{day: ["07:30-14:00"] for day in WEEKDAYS},
    "thu": ["07:30-12:30"],
    "fri": [],
}
TOWNS = (
    ("ahvaz", "اهواز", "Ahvaz", "ahvaz", "khuzestan", 31.319, 48.6842, 1_184_788),
    ("veys", "ویس", "Veys", "bavi", "khuzestan", 31.486, 48.8752, 15_312),
    ("dezful", "دزفول", "Dezful", "dezful", "khuzestan", 32.3811, 48.4058, 264_709),
)


def office(**fields: Any) -> dict[str, Any]:
    """The body of a request for a new office."""
    return {
        "name": "دفتر پستی کیانپارس",
        "kind": "post_office",
        "town": "ahvaz",
        "address": "خیابان اول، پلاک ۷",
        "postal_code": "6135743337",
        "latitude": 31.35,
        "longitude": 48.69,
        "hours": HOURS,
        **fields,
    }


async def add_towns(api: Any) -> None:
    await api.database.hot.executemany(
        "INSERT INTO town (slug, name, name_en, county, province, latitude, longitude, population)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        TOWNS,
    )


async def create(api: Any, **fields: Any) -> dict[str, Any]:
    """A created office, as answered."""
    answer: httpx.Response = await api.client.post(
        "/v1/offices", json=office(**fields), headers=api.headers(WRITE)
    )
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


async def command(api: Any, path: str, body: Any = None, *, method: str = "POST") -> httpx.Response:
    """A command under /v1/offices by a caller who may."""
    answer: httpx.Response = await api.client.request(
        method, f"/v1/offices/{path}", json=body, headers=api.headers(WRITE)
    )
    return answer

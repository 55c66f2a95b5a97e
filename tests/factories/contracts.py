"""Contracts for tests, asked for over HTTP, and licences put in by SQL."""

import uuid
from datetime import date
from typing import Any

import httpx

READ, WRITE = "licensing:read", "licensing:write"
ALL_20_PERCENT = {"product": "all", "valid_from": "2019-03-21", "basis_points": 2000}
PARTY = {"name": "مریم احمدی", "national_id": "0084575948", "phone": "+989123456789"}


def contract(office: str, **fields: Any) -> dict[str, Any]:
    """The body of a request for a new contract, in force from the tests' first day for a year."""
    return {
        "office": office,
        "valid_from": "2019-03-21",
        "valid_until": "2020-03-19",
        "commission": [ALL_20_PERCENT],
        "party": PARTY,
        **fields,
    }


async def ask(
    api: Any, method: str, path: str = "", body: Any = None, **options: Any
) -> httpx.Response:
    """A request under /v1/contracts by staff who may."""
    headers = api.headers(READ, WRITE, kind="staff") | options.pop("headers", {})
    answer: httpx.Response = await api.client.request(
        method, f"/v1/contracts{path}", json=body, headers=headers, **options
    )
    return answer


async def sign(api: Any, office: str, **fields: Any) -> dict[str, Any]:
    """A signed contract, as answered."""
    answer = await ask(api, "POST", body=contract(office, **fields))
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


async def add_licence(api: Any, office: str, kind: str, until: str | None = None) -> None:
    """A licence of the office, valid from the tests' first day; nobody looks at its gate."""
    await api.database.hot.execute(
        "INSERT INTO licence (id, number, office_id, kind, valid_from, valid_until, status,"
        " version, created_at, updated_at)"
        " SELECT $1, 'L' || id, id, $3, $4, $5, 'active', 1, $6, $6 FROM office WHERE code = $2",
        uuid.uuid4(),
        office,
        kind,
        date(2019, 3, 21),
        until and date.fromisoformat(until),
        api.clock.now(),
    )

"""What the registry must refuse, each with problem+json and never a 5xx."""

import json
from typing import Any

import pytest

from tests.conftest import Api
from tests.factories.offices import HOURS, WRITE, office

pytestmark = pytest.mark.anyio

BAD_FIELDS: list[tuple[str, Any]] = [
    ("colour", "red"),
    ("code", "KZ00077"),
    ("name", "بد\x00نام"),
    ("name", "\ud800"),
    ("name", " "),
    ("name", "ن" * 121),
    ("name", None),
    ("address", "\udfff\x00"),
    ("kind", "bank"),
    ("town", "Ahvaz"),
    ("town", "a\x00b"),
    ("postal_code", "6105743337"),  # the first five digits carry no 0
    ("postal_code", "613574333"),
    ("postal_code", "61357۴۳۳۳x"),
    ("latitude", 48.68),  # latitude and longitude changed round
    ("latitude", 91),
    ("longitude", -181),
    ("latitude", "north"),
    ("hours", {**HOURS, "sat": ["14:00-07:30"]}),
    ("hours", {**HOURS, "sat": ["08:00-12:00", "11:00-14:00"]}),
    ("hours", {**HOURS, "sat": ["25:00-26:00"]}),
    ("hours", {**HOURS, "someday": []}),
    ("hours", "always"),
    ("sorting_centre", "AHVAZ"),
    ("sorting_centre", 1),
]


async def send(api: Api, method: str, path: str, body: bytes) -> Any:
    headers = {**api.headers(WRITE), "Content-Type": "application/json"}
    return await api.client.request(method, path, content=body, headers=headers)


def assert_problem(answer: Any, status: int) -> None:
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["status"] == status


@pytest.mark.parametrize(("field", "value"), BAD_FIELDS)
async def test_a_bad_field_is_named(api: Api, field: str, value: Any) -> None:
    created = await send(api, "POST", "/v1/offices", json.dumps(office(**{field: value})).encode())
    assert_problem(created, 422)
    assert any(e["field"].startswith(f"body.{field}") for e in created.json()["errors"])
    changed = await send(api, "PATCH", "/v1/offices/KZ00001", json.dumps({field: value}).encode())
    assert_problem(changed, 422)


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e999", "9" * 5000])
async def test_numbers_that_are_none(api: Api, number: str) -> None:
    body = json.dumps(office(latitude=-1)).replace("-1", number).encode()
    answer = await send(api, "POST", "/v1/offices", body)
    assert answer.status_code in {400, 422}
    assert_problem(answer, answer.status_code)


@pytest.mark.parametrize(
    ("path", "method"),
    [
        ("/v1/offices", "POST"),
        ("/v1/offices/KZ00001", "PATCH"),
        ("/v1/offices/KZ00001/suspend", "POST"),
    ],
)
@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b'{"name": ', 422),
        (b"", 422),
        (b"[]", 422),
        (b"null", 422),
        (b'{"name": "\xff\xfe"}', 400),
        (b"[" * 100_000, 400),
        (b" " * (5 * 1024 * 1024 + 1), 413),
    ],
)
async def test_bodies_that_are_none(
    api: Api, path: str, method: str, body: bytes, status: int
) -> None:
    assert_problem(await send(api, method, path, body), status)


@pytest.mark.parametrize("reason", ["", "  ", "a", "x" * 501, "\ud800", "بد\x00", 7, None])
async def test_reasons_that_are_none(api: Api, reason: Any) -> None:
    body = json.dumps({"reason": reason}).encode()
    assert_problem(await send(api, "POST", "/v1/offices/KZ00001/suspend", body), 422)


async def test_a_key_that_is_too_long(api: Api) -> None:
    headers = {**api.headers(WRITE), "Idempotency-Key": "k" * 256}
    answer = await api.client.post("/v1/offices", json=office(), headers=headers)
    assert_problem(answer, 422)

"""A catalogue for tests, asked for over HTTP."""

from typing import Any

import httpx

WRITE = "catalogue:write"


def service(code: str = "police.plates", **fields: Any) -> dict[str, Any]:
    """The body of a request for a new service."""
    return {
        "code": code,
        "principal": code.partition(".")[0],
        "name": "تعویض پلاک",
        "name_en": "Number plates",
        "documents": ["کارت ملی", "سند خودرو"],
        "duration_minutes": 30,
        "electronic": False,
        "at_counter": True,
        "fee_rials": 100_000,
        "office_share_rials": 40_000,
        "valid_from": "2015-03-21",
        **fields,
    }


async def ask(
    api: Any, method: str, path: str, body: Any = None, *, scope: str = WRITE, **headers: str
) -> httpx.Response:
    """A request under /v1 by a caller who may."""
    answer: httpx.Response = await api.client.request(
        method, f"/v1/{path}", json=body, headers={**api.headers(scope), **headers}
    )
    return answer


async def made(api: Any, path: str, body: Any, **how: Any) -> dict[str, Any]:
    """What a POST made, as answered."""
    answer = await ask(api, "POST", path, body, **how)
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def add_services(api: Any, *codes: str, **fields: Any) -> None:
    """Services and the principals in their codes."""
    for code in codes:
        slug = code.partition(".")[0]
        await ask(api, "POST", "principals", {"slug": slug, "name": "پلیس راهور", "name_en": slug})
        await made(api, "services", service(code, **fields))


async def add_rule(api: Any, *services: str, **fields: Any) -> dict[str, Any]:
    """At least two of these, for pishkhan, unless said otherwise."""
    rule = {
        "name": "دست‌کم دو خدمت",
        "kind": "pishkhan",
        "services": services,
        "at_least": 2,
        "valid_from": "2016-03-20",
        "source": "آیین‌نامه نمونه",
        **fields,
    }
    return await made(api, "service-rules", rule)


async def offer(api: Any, office: str, *services: str, **fields: Any) -> list[dict[str, Any]]:
    """Offerings started, in order."""
    path = f"offices/{office}/offerings"
    return [await made(api, path, {"service": code, **fields}) for code in services]

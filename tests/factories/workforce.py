"""People for tests, as the operator's list names them."""

from typing import Any

import httpx

READ, WRITE = "workforce:read", "workforce:write"


def person(number: str, office: str, **fields: Any) -> dict[str, Any]:
    """The body of a hire, or a row of an import."""
    return {
        "personnel_number": number,
        "employment": "payroll",
        "role": "clerk",
        "office": office,
        "valid_from": "2019-01-01",
        **fields,
    }


async def send(
    api: Any, path: str, body: Any = None, *, method: str = "POST", **headers: str
) -> httpx.Response:
    """A request under /v1/workforce by a caller who may."""
    answer: httpx.Response = await api.client.request(
        method,
        f"/v1/workforce/{path}",
        json=body,
        headers={**api.headers(READ, WRITE, "reports:read", kind="staff"), **headers},
    )
    return answer


async def read(api: Any, path: str, **params: Any) -> Any:
    answer = await api.client.get(
        path, params=params, headers=api.headers(READ, "reports:read", kind="staff")
    )
    assert answer.status_code == 200, answer.text
    return answer.json()


async def hire(api: Any, number: str, office: str, **fields: Any) -> dict[str, Any]:
    answer = await send(api, "people", person(number, office, **fields))
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made

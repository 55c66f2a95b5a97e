"""People who have signed in, for requests that are to come through.

What holds for minutes only, as a challenge does, is made when it is asked for.
"""

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import httpx
import pyotp
from joserfc import jws
from joserfc.jwk import OKPKey

from tests.e2e.people import Make

PASSWORD: Final = "آسمان آبی کارون ۹۸"
PIN: Final = "739154"
PHONE: Final = "09121234567"
ALGORITHM: Final = "Ed25519"


@dataclass
class Staff:
    """`headers`: of whom operations whose labels end so are asked. Bodies may be calls."""

    paths: dict[str, str]
    special: dict[str, dict[str, str]]
    bodies: dict[str, Any] = field(default_factory=dict)
    headers: dict[str, dict[str, str]] = field(default_factory=dict)


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def make_staff(client: httpx.Client, make: Make, office: str, messages: Path) -> Staff:
    """`messages`: where the gateway's text messages are written to."""
    numbers = iter(range(1_000))

    def hire(role: str, at: str | None = None) -> str:
        login = f"e2e.{role.replace('_', '')}{next(numbers)}"
        body = {"login": login, "name": "کارمند", "role": role, "office": at}
        return str(make("/v1/staff", body)["id"])

    def login_of(account: str) -> str:
        return str(client.get(f"/v1/staff/{account}").raise_for_status().json()["login"])

    def code(account: str, purpose: str) -> str:
        return str(make(f"/v1/staff/{account}/{purpose}-codes", None)["code"])

    def with_password(role: str) -> dict[str, str]:
        """What its person signs in with."""
        account = hire(role)
        body = {"code": code(account, "password"), "password": PASSWORD}
        client.post("/v1/staff/password", json=body).raise_for_status()
        return {"login": login_of(account), "password": PASSWORD}

    def session() -> dict[str, str]:
        return bearer(make("/v1/sessions", with_password("secretary"))["token"])

    device, key = _device(make, code(hire("courier", office), "device"))
    revoked, _ = _device(make, code(other := hire("courier", office), "device"))
    confirming, ended = session(), session()
    account = hire("secretary")
    found = Staff(
        {"staff_id": account, "chain": "province", "device_id": device, "session_id": device},
        {
            "/device-codes": {"staff_id": hire("clerk", office)},
            "/devices/{device_id}": {"staff_id": other, "device_id": revoked},
            "/sessions/{session_id}": {"session_id": _open_session(client, ended)},
        },
    )
    found.bodies = {
        "POST /v1/sessions": with_password("secretary"),
        "POST /v1/staff/password": {
            "code": code(hire("secretary"), "password"),
            "password": PASSWORD,
        },
        "POST /v1/devices": _enrolment(code(hire("courier", office), "device"))[0],
        "POST /v1/devices/{device_id}/sessions": lambda: _answer(make, device, key),
        "POST /v1/citizens/codes": {"phone": "09127654321"},
        "POST /v1/citizens/sessions": lambda: _citizen(client, messages),
        "POST /v1/me/second-factor/confirm": lambda: _first_code(client, confirming),
        "PUT /v1/staff/{staff_id}/role": {"role": "auditor", "office": None},
    }
    found.headers = {
        "GET /v1/me": session(),
        "POST /v1/me/second-factor": session(),
        "POST /v1/me/second-factor/confirm": confirming,
        "GET /v1/sessions": session(),
        "DELETE /v1/sessions": session(),
        "DELETE /v1/sessions/current": session(),
        "DELETE /v1/sessions/{session_id}": ended,
    }
    return found


def _enrolment(code: str) -> tuple[dict[str, Any], OKPKey]:
    key = OKPKey.generate_key(ALGORITHM)
    public = key.as_dict(private=False)
    public_key = {name: public[name] for name in ("kty", "crv", "x")}
    return {"code": code, "name": "گوشی", "public_key": public_key, "pin": PIN}, key


def _device(make: Make, code: str) -> tuple[str, OKPKey]:
    body, key = _enrolment(code)
    return str(make("/v1/devices", body)["id"]), key


def _answer(make: Make, device: str, key: OKPKey) -> dict[str, str]:
    challenge = make(f"/v1/devices/{device}/challenges", None)["challenge"]
    header = {"alg": ALGORITHM}
    signed = jws.serialize_compact(header, challenge.encode(), key, algorithms=[ALGORITHM])
    return {"assertion": signed, "pin": PIN}


def _citizen(client: httpx.Client, messages: Path) -> dict[str, str]:
    client.post("/v1/citizens/codes", json={"phone": PHONE}).raise_for_status()
    last = json.loads(messages.read_text().splitlines()[-1])
    code = "".join(ch for ch in last["text"].splitlines()[0] if ch in "0123456789")
    return {"phone": PHONE, "code": code}


def _first_code(client: httpx.Client, session: dict[str, str]) -> dict[str, str]:
    begun = client.post("/v1/me/second-factor", headers=session).raise_for_status().json()
    return {"code": pyotp.TOTP(begun["secret"]).now()}


def _open_session(client: httpx.Client, session: dict[str, str]) -> str:
    found = client.get("/v1/sessions", headers=session).raise_for_status().json()
    return str(found["items"][0]["id"])

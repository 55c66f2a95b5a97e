"""Clerks and couriers sign in on a device of theirs, with its PIN."""

import asyncio
from typing import Any

import httpx
import pytest
from joserfc import jws
from joserfc.jwk import ECKey, OKPKey

from services.gateway.devices.domain import DEVICES_MAX, PIN_FAILURES_MAX
from tests.services.gateway.people.conftest import Desk, Person

pytestmark = pytest.mark.anyio
PIN = "739154"


class Phone:
    """A device with its private key."""

    def __init__(self, desk: Desk, curve: str = "Ed25519") -> None:
        self.desk = desk
        self.algorithm = "Ed25519" if curve == "Ed25519" else "ES256"
        self.key: Any = (
            OKPKey.generate_key("Ed25519") if curve == "Ed25519" else ECKey.generate_key(curve)
        )
        self.id = ""

    async def enrol(self, code: str, **other: Any) -> httpx.Response:
        public = self.key.as_dict(private=False)
        public = {name: public[name] for name in ("kty", "crv", "x", "y") if name in public}
        body = {"code": code, "name": "گوشی", "public_key": public, "pin": PIN, **other}
        answer = await self.desk.ask("POST", "/v1/devices", body=body)
        if answer.status_code == 201:
            self.id = answer.json()["id"]
        return answer

    async def challenge(self) -> str:
        answer = await self.desk.ask("POST", f"/v1/devices/{self.id}/challenges")
        challenge: str = answer.json()["challenge"]
        return challenge

    def signed(self, challenge: str) -> str:
        header = {"alg": self.algorithm}
        algorithms = [self.algorithm]
        return jws.serialize_compact(header, challenge.encode(), self.key, algorithms=algorithms)

    async def answer(self, assertion: str, pin: str = PIN) -> httpx.Response:
        body = {"assertion": assertion, "pin": pin}
        return await self.desk.ask("POST", f"/v1/devices/{self.id}/sessions", body=body)

    async def try_in(self, pin: str = PIN) -> httpx.Response:
        return await self.answer(self.signed(await self.challenge()), pin)


async def enrolled(desk: Desk, role: str = "courier") -> tuple[Person, Phone]:
    person, phone = await desk.hire(role, "KZ00012"), Phone(desk)
    answer = await phone.enrol(await desk.code(person, "device"))
    assert answer.status_code == 201, answer.text
    return person, phone


class TestEnrolment:
    async def test_by_the_code_of_the_offices_own_manager(self, desk: Desk) -> None:
        courier = await desk.hire("courier", "KZ00012")
        own = await desk.with_password("office_manager", "KZ00012")
        other = await desk.with_password("office_manager", "KZ00013")
        own_token, other_token = await desk.sign_in(own), await desk.sign_in(other)
        path = f"/v1/staff/{courier.id}/device-codes"
        assert (await desk.ask("POST", path, other_token)).status_code == 404
        issued = (await desk.ask("POST", path, own_token)).json()
        phone = Phone(desk, "P-256")
        for fault in (
            {"pin": "123456"},
            {"pin": "000000"},
            {"pin": "12"},
            {"public_key": {"kty": "EC", "crv": "P-256", "x": "A" * 43, "y": "A" * 43}},
            {"public_key": {"kty": "OKP", "crv": "P-256", "x": "A" * 43}},
            {"public_key": phone.key.as_dict(private=True)},
        ):
            assert (await phone.enrol(issued["code"], **fault)).status_code == 422, fault
        made = await phone.enrol(issued["code"])
        assert (made.status_code, made.json()["enrolled_by"]) == (201, own.id)
        assert (await phone.enrol(issued["code"])).json()["code"] == "code_refused"
        opened = (await phone.try_in("۷۳۹۱۵۴")).json()
        assert "delivery:write" in opened["scopes"]
        me = (await desk.ask("GET", "/v1/me", opened["token"])).json()
        assert (me["id"], me["office"]) == (courier.id, "KZ00012")
        devices = f"/v1/staff/{courier.id}/devices"
        assert (await desk.ask("GET", devices, other_token)).status_code == 404
        listed = (await desk.ask("GET", devices, own_token)).json()["items"]
        assert [one["id"] for one in listed] == [phone.id]
        gone = f"{devices}/{phone.id}"
        assert (await desk.ask("DELETE", gone, other_token)).status_code == 404
        assert (await desk.ask("DELETE", gone, own_token)).status_code == 204
        assert (await desk.ask("DELETE", gone, own_token)).status_code == 204
        assert await desk.status(opened["token"]) == 401
        assert (await phone.try_in()).status_code == 401

    async def test_bounds_and_roles(self, desk: Desk) -> None:
        courier = await desk.hire("courier", "KZ00012")
        code = await desk.code(courier, "device")
        desk.wait(minutes=15)
        assert (await Phone(desk).enrol(code)).status_code == 401
        for _ in range(DEVICES_MAX):
            made = await Phone(desk).enrol(await desk.code(courier, "device"))
            assert made.status_code == 201
        beyond = await Phone(desk).enrol(await desk.code(courier, "device"))
        assert beyond.json()["code"] == "too_many_devices"
        secretary = await desk.hire("secretary")
        for person, purpose in ((secretary, "device"), (courier, "password")):
            path = f"/v1/staff/{person.id}/{purpose}-codes"
            refused = await desk.ask("POST", path, desk.admin)
            assert refused.json()["code"] == "no_such_sign_in"


class TestSignIn:
    async def test_a_challenge_is_answered_once_and_by_its_key_alone(self, desk: Desk) -> None:
        _, phone = await enrolled(desk)
        _, thief = await enrolled(desk)
        thief.id = phone.id
        challenge = await phone.challenge()
        good = phone.signed(challenge)
        header, payload, signature = good.split(".")
        none = f"eyJhbGciOiJub25lIn0.{payload}."
        for bad in (
            thief.signed(challenge),
            phone.signed("susa-device.another"),
            none,
            f"{header}.{payload}.",
            f"{header}..{signature}",
            "x",
        ):
            assert (await phone.answer(bad)).status_code == 401
        answers = await asyncio.gather(*(phone.answer(good) for _ in range(4)))
        assert sorted(a.status_code for a in answers) == [201, 401, 401, 401]
        assert (await phone.answer(good)).status_code == 401
        late = phone.signed(await phone.challenge())
        desk.wait(minutes=2)
        assert (await phone.answer(late)).status_code == 401
        row = await desk.gateway.api.database.hot.fetchrow(
            "SELECT failures FROM device ORDER BY id LIMIT 1"
        )
        assert row["failures"] == 0  # a stranger uses no tries up

    async def test_five_wrong_pins_lock_it(self, desk: Desk) -> None:
        person, phone = await enrolled(desk)
        token = (await phone.try_in()).json()["token"]
        for _ in range(PIN_FAILURES_MAX):
            assert (await phone.try_in("111222")).status_code == 401
        assert (await phone.try_in()).status_code == 401
        assert await desk.status(token) == 401
        path = f"/v1/staff/{person.id}/devices"
        shown = (await desk.ask("GET", path, desk.admin)).json()["items"]
        assert [one["locked"] for one in shown] == [True]
        anew = Phone(desk)
        assert (await anew.enrol(await desk.code(person, "device"))).status_code == 201
        assert (await anew.try_in()).status_code == 201
        types = [e["type"] for e in await desk.gateway.api.events("staff_member.device_locked")]
        assert types == ["staff_member.device_locked"]

    async def test_an_unknown_device_is_answered_alike(self, desk: Desk) -> None:
        _, phone = await enrolled(desk)
        wrong = await phone.try_in("111222")
        phone.id = "00000000-0000-7000-8000-000000000000"
        unknown = await phone.try_in()
        assert (unknown.status_code, unknown.text) == (wrong.status_code, wrong.text)

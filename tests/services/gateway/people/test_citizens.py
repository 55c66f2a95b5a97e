"""A citizen signs in by a code to the phone, and is known by that phone for a short while."""

import asyncio
import re
from contextlib import AsyncExitStack
from pathlib import Path

import httpx
import pytest

from services.gateway.citizens.domain import ATTEMPTS_MAX
from tests.conftest import Serve
from tests.services.gateway.conftest import echo_of, start
from tests.services.gateway.people.conftest import Desk

pytestmark = pytest.mark.anyio
PHONE = "+989123456789"


async def wanted(desk: Desk, phone: str = PHONE, address: str = "10.1.1.1") -> httpx.Response:
    return await desk.ask("POST", "/v1/citizens/codes", body={"phone": phone}, address=address)


async def code(desk: Desk, phone: str = PHONE) -> str:
    assert (await wanted(desk, phone)).status_code == 202
    last = desk.sent()[-1]
    assert last["to"] == phone
    found = re.search(r"[0-9]{6}", last["text"])
    assert found is not None
    return found[0]


async def sign_in(desk: Desk, code: str, phone: str = PHONE) -> httpx.Response:
    return await desk.ask("POST", "/v1/citizens/sessions", body={"phone": phone, "code": code})


def other(code: str) -> str:
    return f"{(int(code) + 1) % 1_000_000:06d}"


class TestSession:
    async def test_is_bound_to_the_phone_and_short(self, desk: Desk) -> None:
        sent = await code(desk)
        assert "کد ورود" in desk.sent()[0]["text"]
        opened = (await sign_in(desk, sent, "۰۹۱۲ ۳۴۵ ۶۷۸۹")).json()
        assert opened["scopes"] == ["session", "session:citizen"]
        token = opened["token"]
        me = (await desk.ask("GET", "/v1/me", token)).json()
        assert (me["kind"], me["phone"], me["office"]) == ("citizen", PHONE, None)
        assert (await desk.ask("GET", "/v1/parcels", token)).status_code == 403
        assert (await desk.ask("POST", "/v1/me/second-factor", token)).status_code == 403
        desk.wait(minutes=9)
        assert await desk.status(token) == 200
        desk.wait(minutes=10)
        assert await desk.status(token) == 401
        desk.wait(hours=1)
        again = (await sign_in(desk, await code(desk))).json()
        same = (await desk.ask("GET", "/v1/me", again["token"])).json()
        assert same["id"] == me["id"]
        assert (await desk.ask("DELETE", "/v1/sessions", again["token"])).json() == {"sessions": 1}
        assert await desk.status(again["token"]) == 401
        row = await desk.gateway.api.database.hot.fetchrow("SELECT * FROM one_time_code")
        assert sent not in repr(dict(row))
        assert PHONE[3:] not in repr(dict(row))


class TestCodes:
    async def test_five_tries_of_a_code_and_it_is_void(self, desk: Desk) -> None:
        sent = await code(desk)
        wrong = await asyncio.gather(*(sign_in(desk, other(sent)) for _ in range(9)))
        assert {a.status_code for a in wrong} == {401}
        row = await desk.gateway.api.database.hot.fetchrow("SELECT * FROM one_time_code")
        assert row["attempts"] == ATTEMPTS_MAX
        right = await sign_in(desk, sent)
        assert (right.status_code, right.text) == (401, wrong[0].text)

    async def test_only_the_newest_once_and_in_time(self, desk: Desk) -> None:
        first = await code(desk)
        desk.wait(minutes=1)
        second = await code(desk)
        if first != second:  # but for once in a million
            assert (await sign_in(desk, first)).status_code == 401
        assert (await sign_in(desk, second, "+989121111111")).status_code == 401
        answers = await asyncio.gather(*(sign_in(desk, second) for _ in range(4)))
        assert sorted(a.status_code for a in answers) == [201, 401, 401, 401]
        desk.wait(minutes=1)
        third = await code(desk)
        desk.wait(minutes=3)
        assert (await sign_in(desk, third)).status_code == 401

    async def test_messages_are_rationed(self, desk: Desk) -> None:
        assert (await wanted(desk)).status_code == 202
        refused = await wanted(desk)
        assert (refused.status_code, refused.json()["code"]) == (429, "too_often")
        assert 1 <= int(refused.headers["retry-after"]) <= 61
        got = [202]
        for _ in range(6):
            desk.wait(minutes=2)
            got.append((await wanted(desk)).status_code)
        assert got == [202] * 5 + [429] * 2  # an hour's
        many = [await wanted(desk, f"+98912000{n:04d}", "10.7.7.7") for n in range(11)]
        assert [a.status_code for a in many] == [202] * 10 + [429]  # an address's minute
        assert len(desk.sent()) == 15
        for phone in ("06133334444", "12", "", "09123456789\x00"):
            assert (await wanted(desk, phone)).status_code == 422

    @pytest.mark.parametrize("sms", ["", "http://127.0.0.1:1/sms"])
    async def test_without_a_carrier(
        self, serve: Serve, keys: Path, tmp_path: Path, sms: str
    ) -> None:
        async with AsyncExitStack() as stack:
            gateway = await start(stack, serve, echo_of(keys), "in_process", sms=sms)
            refused = await wanted(Desk(gateway, tmp_path / "none"))
            assert (refused.status_code, refused.json()["code"]) == (503, "message_not_sent")

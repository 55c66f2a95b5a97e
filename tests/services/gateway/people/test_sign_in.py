"""Staff sign in with a password and a second factor; guessing, replay and stolen tokens fail."""

import asyncio
import json
import uuid
from typing import Any

import pytest

from services.gateway.staff.domain import FAILURES_MAX
from shared.passwords import NOBODYS, Hasher, HashingBusy
from tests.services.gateway.people.conftest import Desk, Person, guarded

pytestmark = pytest.mark.anyio


async def with_factor(desk: Desk, role: str) -> tuple[Person, str]:
    """Someone whose session has given its second factor."""
    person = await desk.with_password(role)
    token = await desk.sign_in(person)
    begun = (await desk.ask("POST", "/v1/me/second-factor", token)).json()
    person.secret = begun["secret"]
    body = {"code": desk.otp(person)}
    done = await desk.ask("POST", "/v1/me/second-factor/confirm", token, body)
    assert done.status_code == 204, done.text
    return person, token


class TestSecondFactor:
    async def test_who_approves_money_may_do_nothing_before_it(self, desk: Desk) -> None:
        person = await desk.with_password("finance_officer")
        opened = (await desk.try_in(person)).json()
        token = opened["token"]
        assert (opened["next"], opened["scopes"]) == (
            "second_factor",
            ["session", "session:staff"],
        )
        path = guarded("reports:read")
        assert await desk.status(token, path) == 403
        begun = (await desk.ask("POST", "/v1/me/second-factor", token)).json()
        person.secret = begun["secret"]
        assert begun["uri"].startswith(f"otpauth://totp/Susa:{person.login}?secret=")
        confirm = "/v1/me/second-factor/confirm"
        good = desk.otp(person)
        wrong = f"{(int(good) + 1) % 1_000_000:06d}"
        refused = await desk.ask("POST", confirm, token, {"code": wrong})
        assert refused.json()["code"] == "second_factor_wrong"
        assert (await desk.ask("POST", confirm, token, {"code": good})).status_code == 204
        assert await desk.status(token, path) == 200
        again = await desk.ask("POST", "/v1/me/second-factor", token)
        assert again.json()["code"] == "second_factor_set"
        row = await desk.gateway.api.database.hot.fetchrow("SELECT * FROM staff_member")
        assert person.secret not in repr(dict(row))

    async def test_each_code_is_good_once(self, desk: Desk) -> None:
        person, _ = await with_factor(desk, "administrator")
        used = desk.otp(person)  # it confirmed the factor
        assert (await desk.try_in(person, code=used)).status_code == 401
        assert (await desk.try_in(person)).status_code == 401
        desk.wait(seconds=60)
        fresh = desk.otp(person)
        answers = await asyncio.gather(*(desk.try_in(person, code=fresh) for _ in range(4)))
        assert sorted(a.status_code for a in answers) == [201, 401, 401, 401]
        assert (await desk.try_in(person, code=desk.otp(person, -1))).status_code == 401
        desk.wait(seconds=30)
        opened = (await desk.try_in(person, code=desk.otp(person))).json()
        assert "staff:write" in opened["scopes"]
        assert opened["next"] is None

    async def test_a_lost_one_is_reset_by_another(self, desk: Desk) -> None:
        person, token = await with_factor(desk, "administrator")
        path = f"/v1/staff/{person.id}/second-factor"
        assert (await desk.status(token)) == 200
        refused = await desk.ask("DELETE", path, token)
        assert refused.json()["code"] == "not_oneself"
        assert (await desk.ask("DELETE", path, desk.admin)).json()["second_factor"] is False
        assert await desk.status(token) == 401
        assert (await desk.try_in(person)).json()["next"] == "second_factor"


class TestGuessing:
    async def test_five_wrong_tries_lock_even_all_at_once(self, desk: Desk) -> None:
        person = await desk.with_password("complaints_officer")
        wrong = (desk.try_in(person, password=f"wrong password {n}") for n in range(12))
        answers = await asyncio.gather(*wrong)
        assert {a.status_code for a in answers} == {401}
        row = await desk.gateway.api.database.hot.fetchrow("SELECT * FROM staff_member")
        assert row["failures"] == FAILURES_MAX
        assert (await desk.try_in(person)).status_code == 401
        desk.wait(minutes=14, seconds=50)
        assert (await desk.try_in(person)).status_code == 401
        desk.wait(seconds=11)
        assert (await desk.try_in(person)).status_code == 201
        row = await desk.gateway.api.database.hot.fetchrow("SELECT * FROM staff_member")
        assert (row["failures"], row["locked_until"]) == (0, None)
        told = await desk.gateway.api.events("staff_member.locked")
        assert [event["subject"] for event in told] == [person.id]

    async def test_a_new_password_lifts_the_lock(self, desk: Desk) -> None:
        person = await desk.with_password("secretary")
        for _ in range(FAILURES_MAX):
            await desk.try_in(person, password="not the password")
        person.password = "another quite long one"
        body = {"code": await desk.code(person), "password": person.password}
        assert (await desk.ask("POST", "/v1/staff/password", body=body)).status_code == 204
        assert (await desk.try_in(person)).status_code == 201

    async def test_nothing_tells_who_there_is(
        self, desk: Desk, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Whatever is wrong, the same answer, after one look at a hash of the same cost."""
        person, suspended = [await desk.with_password("secretary") for _ in range(2)]
        partners = (await desk.gateway.issue("partners:write", kind="staff")).key
        await desk.ask("POST", f"/v1/partners/{suspended.id}/suspend", partners)
        device_only = await desk.hire("clerk", "KZ00012")
        looked: list[str] = []
        real = Hasher._matches

        def counted(self: Hasher, hashed: str, secret: str) -> bool:
            looked.append(hashed.rpartition("$")[0].rpartition("$")[0])
            return real(self, hashed, secret)

        monkeypatch.setattr(Hasher, "_matches", counted)
        answers = [
            await desk.try_in(person, password="wrong"),
            await desk.try_in(Person("", "nobody"), password="wrong"),
            await desk.try_in(Person("", "نه یک نام"), password="wrong"),
            await desk.try_in(suspended),
            await desk.try_in(device_only),
        ]
        more = [await desk.try_in(person, password="wrong") for _ in range(FAILURES_MAX)]
        answers += [*more, await desk.try_in(person)]  # right, and locked
        assert {a.status_code for a in answers} == {401}
        assert len({a.text for a in answers}) == 1
        assert len(looked) == len(answers)
        assert set(looked) == {NOBODYS.rpartition("$")[0].rpartition("$")[0]}
        counted_apart = "SELECT sum(count) FROM throttle WHERE what = 'sign_in_of_nobody'"
        tries = await desk.gateway.api.database.hot.fetchval(counted_apart)
        assert tries == 2 + 2  # of names that nobody has, and of one that was locked by then

    async def test_an_address_may_try_only_so_often(self, desk: Desk) -> None:
        person = await desk.with_password("secretary")
        nobody = Person("", "nobody", "x")
        answers = [await desk.try_in(nobody, address="10.9.9.9") for _ in range(31)]
        assert [a.status_code for a in answers] == [401] * 30 + [429]
        assert answers[-1].json()["code"] == "too_often"
        assert 1 <= int(answers[-1].headers["retry-after"]) <= 61
        assert (await desk.try_in(person)).status_code == 201  # from elsewhere
        desk.wait(seconds=61)
        assert (await desk.try_in(person, address="10.9.9.9")).status_code == 201


class TestSessions:
    async def test_a_token_is_kept_nowhere_and_names_its_person(self, desk: Desk) -> None:
        person = await desk.with_password("office_manager", "kz۰۰۰۱۲")
        token = await desk.sign_in(person)
        me = (await desk.ask("GET", "/v1/me", token)).json()
        assert (me["id"], me["kind"], me["office"]) == (person.id, "staff", "KZ00012")
        assert {"session", "session:staff", "scans:write"} <= set(me["scopes"])
        seen = (await desk.ask("GET", guarded("reports:read"), token)).json()["caller"]
        assert (seen["id"], seen["kind"], seen["office"]) == (person.id, "staff", "KZ00012")
        row = await desk.gateway.api.database.hot.fetchrow("SELECT * FROM login_session")
        assert token[8:] not in repr(dict(row))
        for bad in (token[:-1], token[:-1] + ("A" if token[-1] != "A" else "B"), "susa_in_x"):
            refused = await desk.ask("GET", "/v1/me", bad)
            assert (refused.status_code, refused.json()["code"]) == (401, "session_over")
        assert await desk.status(desk.admin) == 403  # a key is no session

    async def test_a_stolen_token_is_dead_after_signing_out(self, desk: Desk) -> None:
        person = await desk.with_password("secretary")
        token, other, third = [await desk.sign_in(person) for _ in range(3)]
        assert (await desk.ask("DELETE", "/v1/sessions/current", token)).status_code == 204
        assert [await desk.status(t) for t in (token, other, third)] == [401, 200, 200]
        listed = (await desk.ask("GET", "/v1/sessions", other)).json()["items"]
        assert [s["ended_reason"] for s in listed] == [None, None, "signed_out"]
        path = f"/v1/sessions/{listed[0]['id']}"
        assert (await desk.ask("DELETE", path, other)).status_code == 204
        assert (await desk.ask("DELETE", path, other)).status_code == 404
        assert await desk.status(third) == 401
        fourth = await desk.sign_in(person)
        ended = await desk.ask("DELETE", "/v1/sessions", fourth)
        assert ended.json() == {"sessions": 2}
        assert [await desk.status(t) for t in (other, fourth)] == [401, 401]

    async def test_it_ends_by_itself(self, desk: Desk) -> None:
        person = await desk.with_password("secretary")
        token = await desk.sign_in(person)
        desk.wait(minutes=29)
        assert await desk.status(token) == 200
        desk.wait(minutes=29)
        assert await desk.status(token) == 200  # the request before counted as life
        desk.wait(minutes=31)
        assert await desk.status(token) == 401
        token = await desk.sign_in(person)
        for _ in range(25):
            desk.wait(minutes=28)
            assert await desk.status(token) == 200
        desk.wait(minutes=20)
        assert await desk.status(token) == 401  # twelve hours are over

    async def test_another_role_suspension_or_an_administrator_ends_it(self, desk: Desk) -> None:
        person = await desk.with_password("secretary")
        token = await desk.sign_in(person)
        change = {"role": "auditor", "office": None}
        changed = await desk.ask("PUT", f"/v1/staff/{person.id}/role", desk.admin, change)
        assert changed.json()["role"] == "auditor"
        assert await desk.status(token) == 401
        token = await desk.sign_in(person)
        assert await desk.status(token, "/v1/audit/chains") == 200
        partners = (await desk.gateway.issue("partners:write", kind="staff")).key
        await desk.ask("POST", f"/v1/partners/{person.id}/suspend", partners)
        assert await desk.status(token) == 401
        await desk.ask("POST", f"/v1/partners/{person.id}/reopen", partners)
        assert await desk.status(token) == 200
        ended = await desk.ask("POST", f"/v1/staff/{person.id}/sign-out", desk.admin)
        assert ended.json() == {"sessions": 1}
        assert await desk.status(token) == 401


class TestManagement:
    async def test_an_account_and_how_it_gets_in(self, desk: Desk) -> None:
        person = await desk.hire("province_manager")
        shown = (await desk.ask("GET", f"/v1/staff/{person.id}", desk.admin)).json()
        assert (shown["login"], shown["password_set"]) == (person.login, False)
        first, code = await desk.code(person), await desk.code(person)
        for body, status, why in (
            ({"code": first, "password": person.password}, 401, "code_refused"),  # superseded
            ({"code": code, "password": "short"}, 422, "invalid"),
            ({"code": code, "password": f"xx{person.login}xxyz"}, 422, "invalid"),
            ({"code": code, "password": "aaaaaaaaaaaaaaaa"}, 422, "invalid"),
            ({"code": code.replace("-", " ").lower(), "password": person.password}, 204, None),
            ({"code": code, "password": person.password}, 401, "code_refused"),  # used
        ):
            answer = await desk.ask("POST", "/v1/staff/password", body=body)
            assert answer.status_code == status, (body, answer.text)
            assert why is None or answer.json()["code"] == why
        code = await desk.code(person)
        desk.wait(hours=24)
        late = {"code": code, "password": person.password}
        assert (await desk.ask("POST", "/v1/staff/password", body=late)).status_code == 401
        assert (await desk.try_in(person, login=f"  {person.login.upper()} ")).status_code == 201

    @pytest.mark.parametrize(
        ("fault", "status"),
        [
            ({"login": "x"}, 422),
            ({"login": "علی"}, 422),
            ({"login": "a\ud800bc"}, 422),
            ({"role": "king"}, 422),
            ({"role": "clerk"}, 422),  # of which office?
            ({"name": ""}, 422),
            ({"scopes": ["partners:write"]}, 422),
        ],
    )
    async def test_refuses(self, desk: Desk, fault: dict[str, Any], status: int) -> None:
        headers = desk.gateway.api.headers("staff:write", kind="staff")
        body = {"login": "somebody", "name": "کسی", "role": "auditor", **fault}
        answer = await desk.gateway.api.client.post(
            "/v1/staff",
            content=json.dumps(body),
            headers={**headers, "Content-Type": "application/json"},
        )
        assert answer.status_code == status, answer.text

    async def test_opens_one_account_under_a_key(self, desk: Desk) -> None:
        api = desk.gateway.api
        headers = {**api.headers("staff:write", kind="staff"), "Idempotency-Key": "k-1"}
        body = {"login": "somebody", "name": "کسی", "role": "secretary"}
        first, again = [
            await api.client.post("/v1/staff", json=body, headers=headers) for _ in range(2)
        ]
        assert (first.status_code, again.status_code, again.content) == (201, 201, first.content)
        where = f"/v1/staff/{first.json()['id']}"
        assert [one.headers["location"] for one in (first, again)] == [where, where]

    async def test_lists_and_who_may(self, desk: Desk) -> None:
        made = [await desk.hire("auditor") for _ in range(3)]
        taken = {"login": made[0].login, "name": "x", "role": "auditor"}
        conflict = await desk.ask("POST", "/v1/staff", desk.admin, taken)
        assert conflict.json()["code"] == "login_taken"
        seen: list[str] = []
        path = "/v1/staff?limit=2&role=auditor"
        while path:
            page = (await desk.ask("GET", path, desk.admin)).json()
            seen += [item["id"] for item in page["items"]]
            path = f"/v1/staff?limit=2&role=auditor&cursor={page['next']}" if page["next"] else ""
        assert seen == [person.id for person in made]
        none = (await desk.ask("GET", "/v1/staff?office=KZ00012", desk.admin)).json()
        assert none["items"] == []
        auditor = await desk.with_password("auditor")
        token = await desk.sign_in(auditor)
        absent = uuid.uuid4()
        for method, path in (
            ("GET", "/v1/staff"),
            ("GET", f"/v1/staff/{absent}"),
            ("POST", f"/v1/staff/{absent}/sign-out"),
            ("POST", f"/v1/staff/{absent}/password-codes"),
            ("DELETE", f"/v1/staff/{absent}/second-factor"),
        ):
            assert (await desk.ask(method, path)).status_code == 401
            assert (await desk.ask(method, path, token)).status_code == 403
            if str(absent) in path:
                assert (await desk.ask(method, path, desk.admin)).status_code == 404
        with pytest.raises(Exception, match="permission denied"):
            await desk.gateway.api.database.hot.execute("DELETE FROM staff_member")


class TestHasher:
    async def test_waits_are_bounded(self) -> None:
        hasher = Hasher(at_once=1, waiting_max=2)
        found = await asyncio.gather(
            *(hasher.matches(None, "x") for _ in range(4)), return_exceptions=True
        )
        assert [f if f is False else type(f) for f in found] == [
            False,
            False,
            HashingBusy,
            HashingBusy,
        ]
        assert not hasher._argon2.check_needs_rehash(NOBODYS)
        assert await hasher.matches(await hasher.hash("رمز"), "رمز")
        assert not await hasher.matches("no hash at all", "رمز")

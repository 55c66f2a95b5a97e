"""The account that a partner is paid to: two persons, a delay, and then parcels knows it."""

import json
import uuid
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from datetime import timedelta
from typing import Any

import asyncpg
import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from typing_extensions import override

from services.gateway.shebas import domain
from services.gateway.shebas.delivering import carry_out
from services.gateway.shebas.domain import Step, Taken
from tests.conftest import START, Api, Serve
from tests.services.gateway.bank import ADMIN, SECOND, Bank, manage, opened
from tests.services.gateway.conftest import Gateway, bearer, echo_of, start_with

pytestmark = pytest.mark.anyio

SHEBA, OTHER = "IR820540102680020817909002", "IR540190000000218007001007"
WANTED = {"sheba": SHEBA, "holder_name": "شرکت نمونه", "reason": "نامهٔ ۱۲؛ تلفنی پرسیده شد"}
DELAY = timedelta(hours=48)


class Post:
    """A gateway with the real parcels behind it."""

    def __init__(self, gateway: Gateway, parcels: Api, account: str) -> None:
        self.gateway = gateway
        self.api = gateway.api
        self.parcels = parcels
        self.account = account

    async def change(
        self,
        path: str = "",
        body: Any = None,
        *,
        by: str = ADMIN,
        bound: bool = True,
        key: str = "",
    ) -> httpx.Response:
        path = f"/{self.account}/sheba-changes{path}"
        return await manage(self.api, "POST", path, body, by=by, bound=bound, key=key)

    async def proposed(self, **changes: Any) -> str:
        answer = await self.change("", WANTED | changes)
        assert (answer.status_code, answer.json()["status"]) == (201, "proposed"), answer.text
        made: str = answer.json()["id"]
        return made

    async def approved(self, **changes: Any) -> str:
        made = await self.proposed(**changes)
        answer = await self.change(f"/{made}/approve", by=SECOND)
        assert (answer.status_code, answer.json()["status"]) == (200, "approved"), answer.text
        return made

    async def statuses(self) -> list[str]:
        listed = await manage(self.api, "GET", f"/{self.account}/sheba-changes")
        return [one["status"] for one in listed.json()["items"]]

    async def payees(self) -> list[dict[str, Any]]:
        headers = self.parcels.headers("accounts:write")
        answer = await self.parcels.client.get(
            f"/v1/payees?partner={self.account}", headers=headers
        )
        found: list[dict[str, Any]] = answer.json()["items"]
        return found

    async def work(self) -> None:
        await carry_out(self.api.app.state.runtime)

    async def wait(self, time: timedelta) -> None:
        self.api.clock.at += time
        self.parcels.clock.at += time
        await self.work()


@pytest.fixture
async def post(serve: Serve) -> AsyncIterator[Post]:
    parcels = await serve("parcels")
    async with AsyncExitStack() as stack:
        echo = echo_of(parcels.keys)
        sisters = {"offices": echo, "complaints": echo, "parcels": parcels.app}
        gateway = await start_with(stack, serve, sisters, "in_process")
        yield Post(gateway, parcels, await opened(gateway.api))


async def test_two_persons_and_two_days_later_it_holds(post: Post) -> None:
    made = await post.proposed()
    alone = await post.change(f"/{made}/approve", by=ADMIN)
    assert (alone.status_code, alone.json()["code"]) == (403, "second_person_needed")
    approved = (await post.change(f"/{made}/approve", by=SECOND)).json()
    assert approved["effective_at"] == "2019-03-23T08:00:00Z"
    assert (approved["proposed_by"], approved["approved_by"]) == (ADMIN, SECOND)
    again = await post.change(f"/{made}/approve", by=SECOND)
    assert (again.status_code, again.json()["code"]) == (409, "sheba_change_state")
    await post.wait(DELAY - timedelta(seconds=1))
    assert (await post.payees(), await post.statuses()) == ([], ["approved"])
    await post.wait(timedelta(seconds=1))
    for _ in range(2):
        await post.work()
    (payee,) = await post.payees()
    assert (payee["sheba"], payee["valid_from"]) == (SHEBA, "2019-03-23")
    assert (payee["registered_by"], payee["holder_name"]) == (SECOND, "شرکت نمونه")
    assert await post.statuses() == ["delivered"]
    events = await post.api.events()
    told = [event["type"] for event in events if event["type"].startswith("sheba_change.")]
    assert told == [f"sheba_change.{n}" for n in ("proposed", "approved", "effective", "delivered")]
    text = json.dumps(events, ensure_ascii=False)
    assert SHEBA not in text
    assert "شرکت" not in text
    assert "IR**054" in text


async def test_each_step_is_taken_once_under_its_key(post: Post) -> None:
    first, again = [await post.change("", WANTED, key="p") for _ in range(2)]
    assert (first.status_code, again.status_code, again.content) == (201, 201, first.content)
    made = first.json()["id"]
    for step, body, by in (("approve", None, SECOND), ("reject", {"reason": "نه"}, ADMIN)):
        said = [await post.change(f"/{made}/{step}", body, by=by, key=step) for _ in range(2)]
        assert [one.status_code for one in said] == [200, 200]
        assert said[0].content == said[1].content
    assert await post.statuses() == ["rejected"]
    stored = await post.api.database.hot.fetch("SELECT count(*) FROM idempotency")
    assert stored[0][0] == 3


async def test_until_then_it_can_be_called_off(post: Post) -> None:
    reason = {"reason": "شریک آن را نخواسته بود"}
    for made in (await post.proposed(), None):
        change = made or await post.approved()
        off = await post.change(f"/{change}/reject", reason, bound=False)
        assert (off.status_code, off.json()["status"]) == (200, "rejected")
        assert off.json()["rejected_because"] == reason["reason"]
        for late in ("approve", "reject"):
            refused = await post.change(f"/{change}/{late}", reason, by=SECOND)
            assert (refused.status_code, refused.json()["code"]) == (409, "sheba_change_state")
    await post.wait(DELAY)
    assert (await post.payees(), await post.statuses()) == ([], ["rejected"] * 2)
    held = await post.approved()
    await post.wait(DELAY)
    too_late = await post.change(f"/{held}/reject", reason)
    assert (too_late.status_code, too_late.json()["code"]) == (409, "sheba_change_state")


async def test_one_change_waits_at_a_time_and_the_next_replaces_the_account(post: Post) -> None:
    await post.approved()
    second = await post.change("", WANTED | {"sheba": OTHER})
    assert (second.status_code, second.json()["code"]) == (409, "sheba_change_open")
    await post.wait(DELAY)
    await post.approved(sheba=OTHER)
    await post.wait(DELAY)
    assert [payee["sheba"] for payee in await post.payees()] == [SHEBA, OTHER]
    alone = {"partner": post.account, "sheba": SHEBA, "holder_name": "x", "source": "x"}
    headers = post.parcels.headers("accounts:write", kind="staff")
    headers["Idempotency-Key"] = "1"
    body = alone | {"valid_from": "2019-04-01"}
    refused = await post.parcels.client.post("/v1/payees", json=body, headers=headers)
    assert (refused.status_code, refused.json()["code"]) == (409, "payee_by_two")


async def test_parcels_hears_it_once_however_often_it_is_told(
    post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Away at first; then its answer is lost; then the day is over."""
    await post.approved()
    clients = post.api.app.state.runtime.clients
    there = clients["parcels"]
    away = httpx.AsyncClient(transport=httpx.MockTransport(_refuse), base_url="http://sister")
    monkeypatch.setitem(clients, "parcels", away)
    await post.wait(DELAY)
    assert await post.statuses() == ["effective"]
    lost = httpx.AsyncClient(transport=_Losing(there), base_url="http://sister")
    monkeypatch.setitem(clients, "parcels", lost)
    await post.work()
    assert (len(await post.payees()), await post.statuses()) == (1, ["effective"])
    monkeypatch.setitem(clients, "parcels", there)
    await post.wait(timedelta(days=1))
    assert (len(await post.payees()), await post.statuses()) == (1, ["delivered"])
    await away.aclose()
    await lost.aclose()


def _refuse(request: httpx.Request) -> httpx.Response:
    raise httpx.ConnectError("away", request=request)


class _Losing(httpx.AsyncBaseTransport):
    def __init__(self, there: httpx.AsyncClient) -> None:
        self._there = there

    @override
    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        await self._there.request(
            request.method, request.url.path, content=request.content, headers=request.headers
        )
        raise httpx.ReadError("lost", request=request)


async def test_who_may_and_what_is_refused(post: Post) -> None:
    key = await post.gateway.issue("partners:write", kind="staff")
    path = f"/v1/partners/{post.account}/sheba-changes"
    weak = await post.gateway.client.post(path, json=WANTED, headers=bearer(key))
    assert (weak.status_code, weak.json()["code"]) == (403, "sender_constrained")
    staff = await opened(post.api, kind="staff")
    clerk = await Bank.opened(post.gateway, "partners:write", account=staff)
    headers = bearer(await clerk.token())
    strong = await post.gateway.client.post(path, json=WANTED, headers=headers)
    assert (strong.status_code, strong.json()["proposed_by"]) == (201, staff)
    for wrong in ("IR820540102680020817909003", "DE820540102680020817909002", "IR82", 1):
        assert (await post.change("", WANTED | {"sheba": wrong})).status_code == 422
    absent = uuid.uuid4()
    for where in (f"/{absent}/approve", f"/{absent}/reject"):
        missing = await post.change(where, {"reason": "x"})
        assert (missing.status_code, missing.json()["code"]) == (404, "sheba_change_not_found")
    other = Post(post.gateway, post.parcels, await opened(post.api))
    foreign = await other.change(f"/{strong.json()['id']}/approve", by=SECOND)
    assert (foreign.status_code, foreign.json()["code"]) == (404, "sheba_change_not_found")


async def test_the_database_refuses_it_too(post: Post) -> None:
    """Whatever the service does: nothing is changed or erased, nobody approves his own."""
    made = await post.proposed()
    hot = post.api.database.hot
    for statement in (
        "UPDATE sheba_change SET sheba = 'IR540190000000218007001007'",
        "DELETE FROM sheba_change",
        "UPDATE sheba_change_step SET effective_at = now()",
        "DELETE FROM sheba_change_step",
    ):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await hot.execute(statement)
    step = (
        "INSERT INTO sheba_change_step (change_id, step, proposed_by, by, at, effective_at)"
        " VALUES ($1, $2, $3, $4, now(), $5)"
    )
    own, second = uuid.UUID(ADMIN), uuid.UUID(SECOND)
    with pytest.raises(asyncpg.CheckViolationError):
        await hot.execute(step, made, "approved", own, own, START)
    with pytest.raises(asyncpg.ForeignKeyViolationError):
        await hot.execute(step, made, "approved", second, own, START)
    await hot.execute(step, made, "rejected", own, second, None)
    with pytest.raises(asyncpg.UniqueViolationError):
        await hot.execute(step, made, "effective", own, None, None)


STEPS: st.SearchStrategy[Step] = st.sampled_from(["approved", "rejected", "effective", "delivered"])


@settings(max_examples=50)
@given(st.sets(STEPS), st.booleans(), st.integers(-2, 2))
def test_nothing_holds_without_a_second_person_and_its_time(
    done: set[Step], same: bool, hours: int
) -> None:
    one, two = uuid.UUID(ADMIN), uuid.UUID(SECOND)
    steps = {step: Taken(two, START, START if step == "approved" else None) for step in done}
    assert domain.is_due(steps, START + timedelta(hours=hours)) == (
        done == {"approved"} and hours >= 0
    )
    may = domain.why_not_approved(steps, one, one if same else two) is None
    assert may == (not done and not same)

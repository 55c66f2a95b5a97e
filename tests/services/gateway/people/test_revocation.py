"""What was ended or revoked at one process is refused at another, of whatever kind it was."""

from collections.abc import AsyncIterator, Awaitable, Callable

import httpx
import pytest

from tests.services.gateway.conftest import Gateway, bearer, started_beside
from tests.services.gateway.people import test_citizens as citizens
from tests.services.gateway.people.conftest import Desk, Person
from tests.services.gateway.people.test_devices import enrolled

pytestmark = pytest.mark.anyio
Ending = Callable[[], Awaitable[httpx.Response]]


@pytest.fixture
async def beside(desk: Desk) -> AsyncIterator[Gateway]:
    async with started_beside(desk.gateway) as gateway:
        yield gateway


async def test_a_session_is_refused_everywhere_within_5_s(desk: Desk, beside: Gateway) -> None:
    """However it ends: by its person, by an administrator, with its account or its device."""
    partners = (await desk.gateway.issue("partners:write", kind="staff")).key
    courier, phone = await enrolled(desk)
    on_phone = (await phone.try_in()).json()["token"]
    sent = await citizens.code(desk)
    citizen = (await citizens.sign_in(desk, sent)).json()["token"]
    people = [await desk.with_password("secretary") for _ in range(5)]
    tokens = [await desk.sign_in(person) for person in people]

    def asked(method: str, path: str, token: str, body: object = None) -> Ending:
        return lambda: desk.ask(method, path, token, body)

    def of(person: Person, kind: str = "staff") -> str:
        return f"/v1/{kind}/{person.id}"

    auditor = {"role": "auditor", "office": None}
    endings: list[tuple[str, Ending]] = [
        (tokens[0], asked("DELETE", "/v1/sessions/current", tokens[0])),
        (tokens[1], asked("POST", f"{of(people[1])}/sign-out", desk.admin)),
        (tokens[2], asked("PUT", f"{of(people[2])}/role", desk.admin, auditor)),
        (tokens[3], asked("POST", f"{of(people[3], 'partners')}/suspend", partners)),
        (tokens[4], asked("POST", f"{of(people[4], 'partners')}/close", partners)),
        (on_phone, asked("DELETE", f"{of(courier)}/devices/{phone.id}", desk.admin)),
        (citizen, asked("DELETE", "/v1/sessions", citizen)),
    ]
    gateways = (desk.gateway, beside)
    for token, ending in endings:
        for gateway in gateways:
            before = await gateway.client.get("/v1/me", headers=bearer(token))
            assert before.status_code == 200
        assert (await ending()).is_success
    for gateway in gateways:
        gateway.ticks.at += 4.9
        for token, _ in endings:
            after = await gateway.client.get("/v1/me", headers=bearer(token))
            assert after.status_code == 401
    for number in (3, 4):
        shown = await desk.ask("GET", of(people[number]), desk.admin)
        assert shown.json()["status"] == ("suspended" if number == 3 else "closed")

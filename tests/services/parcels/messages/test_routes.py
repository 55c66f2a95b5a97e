"""Recipients hear what happens, once, at decent hours, over a provider that may be away."""

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from aiohttp import web

from services.parcels.dependencies import caches_of
from services.parcels.events import BOOKED, STATUS_CHANGED
from services.parcels.messages import service
from services.parcels.messages.service import Post
from shared.auth import read_pepper
from shared.derived import derived_secret
from shared.sms import FileSender, HttpSender, Sender, sender_of
from tests.conftest import Serve
from tests.services.parcels.conftest import OTHER_SHOP, Parcels, office_event

pytestmark = pytest.mark.anyio


@dataclass
class Provider:
    """Carries messages, or answers with `status`."""

    url: str = ""
    status: int = 200
    got: list[dict[str, Any]] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)
    senders: list[HttpSender] = field(default_factory=list)

    @property
    def sender(self) -> HttpSender:
        self.senders.append(HttpSender(self.url, "geheim"))
        return self.senders[-1]

    async def on_request(self, request: web.Request) -> web.Response:
        if self.status != 200:
            return web.Response(status=self.status)
        self.got.append(await request.json())
        self.keys.append(request.headers["Idempotency-Key"])
        assert request.headers["Authorization"] == "Bearer geheim"
        return web.json_response({"id": f"P{len(self.got)}"})


@pytest.fixture
async def provider() -> AsyncIterator[Provider]:
    made = Provider()
    app = web.Application()
    app.router.add_post("/sms", made.on_request)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    made.url = f"http://127.0.0.1:{runner.addresses[0][1]}/sms"
    yield made
    for sender in made.senders:
        await sender.close()
    await runner.cleanup()


class Told:
    """What the worker does, step by step."""

    def __init__(self, parcels: Parcels, sender: Sender) -> None:
        self.parcels = parcels
        api = parcels.api
        directory = caches_of(api.app.state.runtime, "live").directory
        self.post = Post(api.database, api.clock, "live", sender, directory)

    async def hear(self) -> None:
        api = self.parcels.api
        events = await api.events(BOOKED, STATUS_CHANGED)
        async with api.database.transaction() as session:
            await service.on_events(api.clock)(session, events)

    async def send(self) -> None:
        await service.send_due(self.post)

    async def log(self, barcode: str) -> list[tuple[str, str, str | None]]:
        answer = await self.parcels.client.get(
            f"/v1/parcels/{barcode}/messages", headers=self.parcels.shop()
        )
        assert answer.status_code == 200, answer.text
        return [(m["kind"], m["status"], m["reason"]) for m in answer.json()["items"]]


async def test_told_once_with_a_code_that_no_table_holds(
    parcels: Parcels, provider: Provider
) -> None:
    [barcode] = await parcels.booked()
    land = parcels.order()["recipient"] | {"phone": "06133334444"}
    [silent] = await parcels.booked(recipient=land)
    told = Told(parcels, provider.sender)
    for _ in range(2):  # a page is consumed again
        await told.hear()
        await told.send()
    assert [(m["to"], barcode in m["text"]) for m in provider.got] == [("+989123456789", True)]
    assert provider.keys == [provider.got[0]["reference"]]
    assert await told.log(silent) == []

    await parcels.results(
        parcels.one(barcode, "acceptance", -30), parcels.one(barcode, "out_for_delivery", -10)
    )
    await told.hear()
    await told.send()
    assert await told.log(barcode) == [("booked", "sent", None), ("out_for_delivery", "sent", None)]
    text = provider.got[1]["text"]
    code = text.split("کد تحویل: ")[1].split(".")[0]
    assert code.isdecimal()
    for table in ("message", "outbox", "feed"):
        rows = await parcels.api.database.hot.fetch(f"SELECT t::text AS row FROM {table} t")
        assert not any(f'"{code}"' in row["row"] or text in row["row"] for row in rows)
    foreign = await parcels.client.get(
        f"/v1/parcels/{barcode}/messages", headers=parcels.shop(OTHER_SHOP)
    )
    assert foreign.status_code == 404


async def test_a_provider_that_is_away_is_asked_again_and_old_news_is_dropped(
    parcels: Parcels, provider: Provider
) -> None:
    first, second = await parcels.booked(2)
    told = Told(parcels, provider.sender)
    provider.status = 503
    await told.hear()
    await told.send()
    assert await told.log(first) == [("booked", "queued", "HTTP 503")]
    await told.send()  # not due yet
    provider.status = 200
    parcels.api.clock.at += timedelta(seconds=31)
    await parcels.client.post(f"/v1/parcels/{second}/cancel", headers=parcels.shop())
    await told.send()
    assert await told.log(first) == [("booked", "sent", None)]
    assert await told.log(second) == [("booked", "dropped", "no_longer_so")]
    provider.status = 400
    [third] = await parcels.booked()
    await told.hear()
    await told.send()
    assert await told.log(third) == [("booked", "failed", "HTTP 400")]
    provider.status = 500
    [fourth] = await parcels.booked()
    await told.hear()
    for _ in range(16):
        await told.send()
        parcels.api.clock.at += timedelta(hours=2)
    assert (await told.log(fourth))[0][1] in {"failed", "dropped"}
    await parcels.results(parcels.one(third, "acceptance", -60 * 24))
    await told.hear()
    assert len(await told.log(third)) == 1


async def test_quiet_hours_and_words_are_the_operators(parcels: Parcels, tmp_path: Path) -> None:
    staff = parcels.api.headers("messages:write", kind="staff")
    for wrong in ("25:00", "8:000", "abcde"):
        answer = await parcels.client.put(
            "/v1/quiet-hours", json={"quiet_from": wrong, "quiet_until": "08:00"}, headers=staff
        )
        assert answer.json()["errors"][0]["field"] == "body.quiet_from"
    hours = {"quiet_from": "11:00", "quiet_until": "13:00"}  # it is noon in Tehran
    answer = await parcels.client.put("/v1/quiet-hours", json=hours, headers=staff)
    assert answer.json() | hours == answer.json()
    assert (await parcels.client.get("/v1/quiet-hours", headers=staff)).json() == answer.json()
    url = "/v1/message-templates/booked/fa"
    bad = await parcels.client.put(url, json={"text": "{name}"}, headers=staff)
    assert bad.json()["errors"][0]["field"] == "body.text"
    good = await parcels.client.put(url, json={"text": "رسید: {barcode}"}, headers=staff)
    assert good.json()["version"] == 2
    shown = await parcels.client.get("/v1/message-templates", headers=staff)
    assert len(shown.json()["items"]) == 14
    events = [(e["type"], e["data"]) for e in await parcels.api.events() if "by" in e["data"]]
    by = "00000000-0000-7000-8000-000000000001"
    assert events == [
        ("quiet_hours.set", {"quiet_hours": answer.json(), "by": by}),
        ("message_template.reworded", {"message_template": good.json(), "by": by}),
    ]

    file = tmp_path / "sms.jsonl"
    told = Told(parcels, FileSender(file))
    [barcode] = await parcels.booked()
    await told.hear()
    await told.send()
    assert not file.exists()
    parcels.api.clock.at += timedelta(hours=2)
    await told.send()
    assert [json.loads(line)["text"] for line in file.read_text().splitlines()] == [
        f"رسید: {barcode}"
    ]


async def test_recipients_get_the_link_to_their_survey(serve: Serve, provider: Provider) -> None:
    page = "https://post.example/s"
    api = await serve("parcels", settings={"survey_page": page})
    parcels = Parcels(api)
    await parcels.follow(*(office_event(n) for n in range(1, 4)))
    delivered, underway = await parcels.booked(2)
    await parcels.results(
        parcels.one(delivered, "acceptance", -30), parcels.one(delivered, "delivered", -10)
    )
    told = Told(parcels, provider.sender)
    now = api.clock.now()

    def invited(barcode: str, **changes: Any) -> dict[str, Any]:
        item = {"id": str(uuid4()), "kind": "delivery", "subject": barcode, "backfill": False}
        return item | {"invited_at": now.isoformat(), "office": "KZ00001"} | changes

    one = invited(delivered)
    nobody = [
        invited(delivered, backfill=True),
        invited(delivered, kind="case", subject="C-1398-0000001-2"),
        invited(delivered, invited_at=(now - timedelta(hours=13)).isoformat()),
    ]
    items = [one, *nobody, invited(underway)]
    for _ in range(2):  # a page is consumed again
        async with api.database.transaction() as session:
            await service.on_invitations(api.clock)(session, [{"data": {"items": items}}])
        await told.send()
    (sent,) = provider.got
    link = sent["text"].split()[-1]
    address, _, rest = link.partition("#")
    assert (address, rest.partition(".")[0]) == (page, one["id"])
    pepper = read_pepper(api.keys)
    assert rest.partition(".")[2] == derived_secret(pepper, "survey", "live", one["id"])
    assert await told.log(delivered) == [("survey", "sent", None)]
    assert await told.log(underway) == [("survey", "dropped", "no_longer_so")]


async def test_where_messages_go() -> None:
    assert sender_of("", None) is None
    assert isinstance(sender_of("console", None), FileSender)
    assert isinstance(sender_of("/tmp/x", None), FileSender)  # noqa: S108 - never written
    web_sender = sender_of("https://sms.example/send", "t")
    assert isinstance(web_sender, HttpSender)
    await web_sender.close()

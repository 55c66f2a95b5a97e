"""A shop's own server on loopback, which verifies each webhook with the reference package."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Final

from aiohttp import web
from standardwebhooks import Webhook


@dataclass
class Receiver:
    """`got`: the payloads in the order of arrival; `ids`: their `webhook-id`s.

    `raw`: what came of each, its headers and the body as it stood.
    """

    url: str = ""
    secret: str = ""
    got: list[dict[str, Any]] = field(default_factory=list)
    ids: list[str] = field(default_factory=list)
    raw: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    forged: list[str] = field(default_factory=list)

    async def on_request(self, request: web.Request) -> web.Response:
        raw = await request.read()
        try:
            payload = Webhook(self.secret).verify(raw, dict(request.headers))
        except Exception as error:  # noqa: BLE001 - told by the test that looks at it
            self.forged.append(repr(error))
            return web.Response(status=400)
        self.got.append(payload)
        self.ids.append(request.headers["webhook-id"])
        self.raw.append((dict(request.headers), raw))
        return web.Response(status=204)

    def statuses(self, barcode: str) -> list[str]:
        """What was told about a parcel, in the order of arrival; a booking as `booked`."""
        return [
            payload["data"].get("status", "booked")
            for payload in self.moves()
            if payload["data"]["barcode"] == barcode
        ]

    def moves(self) -> list[dict[str, Any]]:
        """All but promises: these move also where a calendar came after the booking."""
        return [payload for payload in self.got if payload["type"] != PROMISE_CHANGED]


PROMISE_CHANGED: Final = "parcel.promise_changed"


@asynccontextmanager
async def receiving() -> AsyncIterator[Receiver]:
    receiver = Receiver()
    app = web.Application()
    app.router.add_post("/hooks", receiver.on_request)
    runner = web.AppRunner(app, shutdown_timeout=1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    host, port = runner.addresses[0][:2]
    receiver.url = f"http://{host}:{port}/hooks"
    try:
        yield receiver
    finally:
        await runner.cleanup()

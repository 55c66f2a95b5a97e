"""A webhook that takes what it is sent, and a delivery that is over, for the fuzzed requests."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final

import httpx
from typing_extensions import override

from tests.e2e.people import Make

LOOKS_MAX: Final = 2_000
FIELDS: Final[dict[str, Any]] = {"after": 0, "wait": 0, "epoch": None}
RANGE: Final = {"since": "2019-03-21T08:00:00Z", "until": "2200-01-01T00:00:00Z"}


class _Taking(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["content-length"]))
        self.send_response(204)
        self.end_headers()

    @override
    def log_message(self, format: str, *args: Any) -> None:
        """In silence."""


@contextmanager
def _taking() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Taking)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def make_told(client: httpx.Client, make: Make) -> tuple[dict[str, str], dict[str, dict[str, str]]]:
    """Path parameters by name, and others for paths that end so."""
    with _taking() as url:
        hook = make("/v1/webhooks", {"url": url, "events": ["parcel.booked"]})["id"]
        delivery = client.post(f"/v1/webhooks/{hook}/test").raise_for_status().json()["id"]
        path = f"/v1/webhooks/{hook}/deliveries/{delivery}"
        for _ in range(LOOKS_MAX):
            if client.get(path).raise_for_status().json()["status"] == "delivered":
                break
        else:
            raise AssertionError("a test event was not delivered")
    here = {"webhook_id": hook}
    # its own: a test that another replays is under way for long, since nobody listens any more
    tested = make("/v1/webhooks", {"url": "http://127.0.0.1:9/", "events": ["parcel.booked"]})
    both = {"webhook_id": hook, "delivery_id": delivery}
    return {"delivery_id": delivery}, {
        "/webhooks/{webhook_id}/test": {"webhook_id": tested["id"]},
        "/webhooks/{webhook_id}/replays": here,
        "/deliveries/{delivery_id}": both,
        "/deliveries/{delivery_id}/replay": both,
    }


BODIES: Final[dict[str, Any]] = {"POST /v1/webhooks/{webhook_id}/replays": RANGE}

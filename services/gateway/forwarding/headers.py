"""Header hygiene, both ways: what a client may say to a sister, and what it may not."""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from starlette.types import Scope

Header = tuple[bytes, bytes]

# RFC 9110, 7.6.1; `expect` was answered by the server in front of us
HOP_BY_HOP: Final = frozenset(
    {
        b"connection",
        b"expect",
        b"keep-alive",
        b"proxy-authenticate",
        b"proxy-authorization",
        b"proxy-connection",
        b"te",
        b"trailer",
        b"transfer-encoding",
        b"upgrade",
    }
)
_OURS: Final = HOP_BY_HOP | {b"authorization", b"forwarded", b"x-real-ip", b"x-request-id"}
_SECRETS: Final = frozenset({b"susa-case-secret", b"susa-survey-secret"})
"""Of ours, those that a client may say."""
_REQUEST_ID: Final = frozenset(b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-")
REQUEST_ID_LENGTH_MAX: Final = 128


@dataclass(slots=True)
class Incoming:
    """A request's headers: those that go on, and those that the front reads itself."""

    kept: list[Header]
    authorizations: list[bytes]
    request_id: bytes


def read(headers: Iterable[Header]) -> Incoming:
    """Names are lower case, as ASGI has them."""
    kept: list[Header] = []
    authorizations: list[bytes] = []
    request_id = nominated = b""
    for header in headers:
        name, value = header
        if name in _OURS:
            if name == b"authorization":
                authorizations.append(value)
            elif name == b"x-request-id":
                request_id = value
            elif name == b"connection":
                nominated += b"," + value.lower()
        elif name[:12] != b"x-forwarded-" and (name[:5] != b"susa-" or name in _SECRETS):
            kept.append(header)
    if nominated and nominated not in {b",keep-alive", b",close"}:
        named = {token.strip() for token in nominated.split(b",")}
        kept = [header for header in kept if header[0] not in named]
    return Incoming(kept, authorizations, _sane(request_id))


def _sane(request_id: bytes) -> bytes:
    """The client's request id if it can go into a log line as it is, else a new one."""
    if 0 < len(request_id) <= REQUEST_ID_LENGTH_MAX and _REQUEST_ID.issuperset(request_id):
        return request_id
    return str(uuid.uuid4()).encode()


def inward(scope: Scope, incoming: Incoming, token: str, deadline_s: float) -> Scope:
    """A fresh scope for a sister: same request, our word on who asks, from where, until when."""
    client = scope.get("client")
    return {
        **scope,
        "state": {},
        "headers": [
            *incoming.kept,
            (b"authorization", b"Bearer " + token.encode()),
            (b"x-request-id", incoming.request_id),
            (b"x-forwarded-for", client[0].encode() if client else b"unknown"),
            (b"x-forwarded-proto", scope["scheme"].encode()),
            (b"susa-deadline-ms", b"%d" % (deadline_s * 1000)),
        ],
    }

"""Header hygiene, both ways: what a client may say to a sister, and what it may not."""

import ipaddress
import random
import re
import uuid
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Final

from starlette.types import Scope

from services.gateway.traffic.domain import Header

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
_OURS: Final = HOP_BY_HOP | {
    b"accept-encoding",
    b"authorization",
    b"forwarded",
    b"traceparent",
    b"tracestate",
    b"x-forwarded-for",
    b"x-real-ip",
    b"x-request-id",
}
_SECRETS: Final = frozenset({b"susa-case-secret", b"susa-survey-secret"})
"""Of ours, those that a client may say."""
_REQUEST_ID: Final = frozenset(b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-")
REQUEST_ID_LENGTH_MAX: Final = 128
TRACE_STATE_MAX: Final = 512
_TRACE_PARENT: Final = re.compile(
    rb"(?!ff)([0-9a-f]{2})-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-([0-9a-f]{2})(-.*)?"
)
Networks = Collection[ipaddress.IPv4Network | ipaddress.IPv6Network]


@dataclass(slots=True)
class Incoming:
    """A request's headers: those that go on, and those that the front reads itself."""

    kept: list[Header]
    authorizations: list[bytes]
    request_id: bytes
    accept_encoding: bytes = b""
    forwarded_for: bytes = b""
    trace_parent: bytes = b""
    trace_state: bytes = b""

    def first(self, name: bytes) -> bytes:
        """The value of a header that goes on; empty without it."""
        return next((value for key, value in self.kept if key == name), b"")


def read(headers: Iterable[Header]) -> Incoming:
    """Names are lower case, as ASGI has them."""
    incoming = Incoming([], [], b"")
    kept = incoming.kept
    nominated = b""
    for header in headers:
        name, value = header
        if name in _OURS:
            if name == b"connection":
                nominated += b"," + value.lower()
            else:
                _note(incoming, name, value)
        elif name[:12] != b"x-forwarded-" and (name[:5] != b"susa-" or name in _SECRETS):
            kept.append(header)
    if nominated and nominated not in {b",keep-alive", b",close"}:
        named = {token.strip() for token in nominated.split(b",")}
        incoming.kept = [header for header in kept if header[0] not in named]
    incoming.request_id = _sane(incoming.request_id)
    return incoming


def _note(incoming: Incoming, name: bytes, value: bytes) -> None:
    match name:
        case b"authorization":
            incoming.authorizations.append(value)
        case b"x-request-id":
            incoming.request_id = value
        case b"accept-encoding":
            incoming.accept_encoding = value
        case b"x-forwarded-for":
            incoming.forwarded_for = value  # the last line is the nearest proxy's
        case b"traceparent":
            # two of them are none (W3C Trace Context, 3.2.2.4)
            incoming.trace_parent = b"" if incoming.trace_parent else value
        case b"tracestate":
            incoming.trace_state += b"," + value if incoming.trace_state else value
        case _:
            pass


def address(client: tuple[str, int] | None, forwarded_for: bytes, proxies: Networks) -> str:
    """Where a request comes from: its peer, or who a proxy of ours says that its peer was."""
    peer = client[0] if client else "unknown"
    if not proxies or not forwarded_for or not _within(peer, proxies):
        return peer
    told = forwarded_for.rpartition(b",")[2].strip().decode("latin-1")
    try:
        return str(ipaddress.ip_address(told))
    except ValueError:
        return peer


def _within(peer: str, networks: Networks) -> bool:
    try:
        found = ipaddress.ip_address(peer)
    except ValueError:
        return False
    return any(found in network for network in networks)


def traced(incoming: Incoming) -> list[Header]:
    """W3C Trace Context: the client's trace goes on under a span of ours, or a new one begins.

    A new trace is not sampled: who wants one recorded says so.
    """
    span = random.getrandbits(64) | 1
    known = _TRACE_PARENT.fullmatch(incoming.trace_parent)
    if known is None or (known[1] == b"00" and known[4]):
        trace = random.getrandbits(128) | 1
        return [(b"traceparent", b"00-%032x-%016x-00" % (trace, span))]
    sampled = int(known[3], 16) & 1
    parent = (b"traceparent", b"00-%s-%016x-%02x" % (known[2], span, sampled))
    if incoming.trace_state and len(incoming.trace_state) <= TRACE_STATE_MAX:
        return [parent, (b"tracestate", incoming.trace_state)]
    return [parent]


def _sane(request_id: bytes) -> bytes:
    """The client's request id if it can go into a log line as it is, else a new one."""
    if 0 < len(request_id) <= REQUEST_ID_LENGTH_MAX and _REQUEST_ID.issuperset(request_id):
        return request_id
    return str(uuid.uuid4()).encode()


def inward(
    scope: Scope, incoming: Incoming, token: str, deadline_s: float, came_from: str
) -> Scope:
    """A fresh scope for a sister: same request, our word on who asks, from where, until when.

    `state.direct`: through no proxy, from this machine.
    """
    direct = came_from in {"127.0.0.1", "::1"} and not incoming.forwarded_for
    return {
        **scope,
        "state": {"direct": direct},
        "headers": [
            *incoming.kept,
            (b"authorization", b"Bearer " + token.encode()),
            (b"x-request-id", incoming.request_id),
            *traced(incoming),
            (b"x-forwarded-for", came_from.encode()),
            (b"x-forwarded-proto", scope["scheme"].encode()),
            (b"susa-deadline-ms", b"%d" % (deadline_s * 1000)),
        ],
    }

"""Header hygiene, both ways: what a client may say to a sister, and what it may not."""

import random
import re
import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from starlette.types import Scope

from services.gateway.tokens.origin import CERTIFICATE, FORWARDED_FOR, Origin
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


@dataclass(slots=True)
class Incoming:
    """A request's headers: those that go on, and those that the front reads itself."""

    kept: list[Header]
    authorizations: list[bytes]
    request_id: bytes
    accept_encoding: bytes = b""
    trace_parent: bytes = b""
    trace_state: bytes = b""
    told: dict[bytes, bytes] = field(default_factory=dict)
    """What only a trusted proxy may say: `x-forwarded-*`, `susa-client-certificate`."""

    def first(self, name: bytes) -> bytes:
        """The value of a header that goes on; empty without it."""
        return next((value for key, value in self.kept if key == name), b"")


def read(headers: Iterable[Header]) -> Incoming:
    """Names are lower case, as ASGI has them."""
    incoming = Incoming([], [], b"")
    kept, told = incoming.kept, incoming.told
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
        else:  # said twice, one list: RFC 9110, 5.3
            told[name] = told[name] + b"," + value if name in told else value
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
        case b"traceparent":
            # two of them are none (W3C Trace Context, 3.2.2.4)
            incoming.trace_parent = b"" if incoming.trace_parent else value
        case b"tracestate":
            incoming.trace_state += b"," + value if incoming.trace_state else value
        case _:
            pass


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
    scope: Scope, incoming: Incoming, origin: Origin, token: str, deadline_s: float
) -> Scope:
    """A fresh scope for a sister: same request, our word on who asks, from where, until when.

    `state.direct`: through no proxy, from this machine.
    """
    direct = origin.address in {"127.0.0.1", "::1"} and FORWARDED_FOR not in incoming.told
    return {
        **scope,
        "state": {"direct": direct},
        "headers": [
            *incoming.kept,
            (b"authorization", b"Bearer " + token.encode()),
            (b"x-request-id", incoming.request_id),
            *traced(incoming),
            (b"x-forwarded-for", origin.address.encode()),
            (b"x-forwarded-proto", scope["scheme"].encode()),
            (b"susa-deadline-ms", b"%d" % (deadline_s * 1000)),
        ],
    }


def with_credentials(scope: Scope, incoming: Incoming, origin: Origin) -> Scope:
    """For the token endpoint, which authenticates clients itself: what they sent for that."""
    said = [(b"susa-client-authorization", value) for value in incoming.authorizations]
    if origin.certificate:
        said.append((CERTIFICATE, origin.certificate.encode()))
    return {**scope, "headers": [*scope["headers"], *said]}

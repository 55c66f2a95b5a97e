"""Pages ask the services as the one who reads them, through the same ASGI ways as the front.

`ask` never raises for what the service answers: a refusal, or a service that is away, is in
`Answer.problem` for the page to show.
"""

import asyncio
import json as jsons
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, TypedDict
from urllib.parse import quote, urlencode

import structlog
from starlette.requests import Request
from starlette.types import ASGIApp, Message
from typing_extensions import Unpack

from services.gateway.forwarding.errors import SisterUnavailable
from services.gateway.traffic.domain import Header
from services.gateway.traffic.service import ELSEWHERE, FAILED, Traffic
from services.gateway.web.faults import Fault
from shared.auth import World
from shared.errors import DeadlineExceeded, Problem, Unavailable
from shared.idempotency import KeyInFlight
from shared.patience import PATIENCE

log = structlog.get_logger(__name__)

DEADLINE_S: Final = 8.0 * PATIENCE
"""Less than the front's own, so that the page can still say what is wrong."""
OWN: Final = "gateway"
FAIR_S: Final = 2.0
"""Who fails in less says nothing of itself: a page may have spent its time on another."""
AGAIN_S: Final = 0.25
ANSWER_MAX: Final = 16 * 1024 * 1024
_PASSED_ON: Final = frozenset(
    {b"authorization", b"x-request-id", b"x-forwarded-for", b"x-forwarded-proto", b"traceparent"}
)
Json = Any
Query = Mapping[str, str | int | float | bool | None]


@dataclass(frozen=True, slots=True)
class Trouble:
    """A problem (RFC 9457) as a page shows it; `fields`: by dotted name, without `body.`."""

    status: int
    code: str
    title: str
    detail: str
    fields: Mapping[str, Fault] = field(default_factory=dict)
    retry_s: int | None = None

    def of(self, name: str) -> Fault | None:
        """What is wrong with a field: `recipient.phone`."""
        return self.fields.get(name)


@dataclass(frozen=True, slots=True)
class Answer:
    """What a service answered. `body`: its JSON, None where there is none; `content`: its bytes."""

    status: int
    body: Json = None
    problem: Trouble | None = None
    content: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def ok(self) -> bool:
        return self.problem is None

    @property
    def cursor(self) -> str | None:
        """Of the next page of a list."""
        return self.body.get("next") if isinstance(self.body, dict) else None

    def get(self, name: str, default: Json = None) -> Json:
        """A part of the JSON object; `default` where there was trouble."""
        return self.body.get(name, default) if isinstance(self.body, dict) else default


class Options(TypedDict, total=False):
    """Of a question. `query`: without what is None. `key`: the Idempotency-Key.

    `content`: a body that is no JSON, its type in `headers`, which go before the page's own.
    `world`: that of who asks, for what is known of the service there.
    """

    json: Json
    query: Query | None
    key: str | None
    headers: Mapping[str, str] | None
    content: bytes | None
    deadline_s: float
    world: World


async def ask(
    request: Request, method: str, service: str, path: str, **options: Unpack[Options]
) -> Answer:
    """Ask a service (`gateway` is one) as the page's reader, in their world. `path` is unquoted.

    What still runs under the same key is waited for: the second of two clicks gets its answer.
    A sister that hangs is not waited for by page after page, each with a place of the gateway's.
    """
    answer = await _through_lane(request, method, service, path, options)
    if answer.status in FAILED and (service != OWN or _wants_a_sister(answer)):
        request.scope["state"][ELSEWHERE] = True
    return answer


def _wants_a_sister(answer: Answer) -> bool:
    return answer.problem is not None and answer.problem.code == SisterUnavailable.code


async def _through_lane(
    request: Request, method: str, service: str, path: str, options: Options
) -> Answer:
    sister: ASGIApp | None = request.app.state.sisters.get(service)
    if sister is None:
        return Answer(503, problem=away(service))
    if service == OWN:  # the page itself came through its lane
        return await _within(request, method, service, path, options, sister)
    traffic: Traffic = request.app.state.traffic
    lane = traffic.lane(service, options.get("world", "live"))
    if lane.rests():
        return Answer(503, problem=away(service))
    answer = await _within(request, method, service, path, options, sister)
    failed = answer.status in FAILED
    if not failed or options.get("deadline_s", DEADLINE_S) >= FAIR_S:
        lane.note(failed=failed)
    return answer


async def _within(
    request: Request, method: str, service: str, path: str, options: Options, sister: ASGIApp
) -> Answer:
    deadline_s = options.get("deadline_s", DEADLINE_S)
    said, body = _said(options, deadline_s)
    query = _query(options.get("query"))
    answer: Answer | None = None
    try:
        async with asyncio.timeout(deadline_s):
            while answer is None or _runs_still(answer):
                if answer is not None:
                    await asyncio.sleep(AGAIN_S)
                scope = _scope(request, method, path, query, said)
                answer = await _asked(sister, scope, body, service)
            return answer
    except TimeoutError:
        # what runs still is said; else nothing was answered at all
        slow = Answer(504, problem=of_problem(DeadlineExceeded(f"{service} was too slow")))
        return answer or slow


async def _asked(sister: ASGIApp, scope: dict[str, Any], body: bytes, service: str) -> Answer:
    heard = _Heard(body)
    try:
        await sister(scope, heard.receive, heard.send)
    except TimeoutError:
        raise
    except Problem as problem:
        return Answer(problem.status, problem=of_problem(problem))
    except Exception:
        # an app that failed has answered 500 before it raised; one that has not is away
        log.exception("ask_failed", service=service)
    return heard.answer(service)


def _runs_still(answer: Answer) -> bool:
    return answer.problem is not None and answer.problem.code == KeyInFlight.code


def _said(options: Options, deadline_s: float) -> tuple[list[Header], bytes]:
    """Headers and body of what is asked."""
    told = options.get("headers") or {}
    said = [(name.lower().encode(), text.encode()) for name, text in told.items()]
    body = options.get("content") or b""
    if options.get("json") is not None:
        body = jsons.dumps(options["json"]).encode()  # in ASCII: half a surrogate is refused there
        said.append((b"content-type", b"application/json"))
    key = options.get("key")
    if key is not None:
        said.append((b"idempotency-key", key.encode()))
    if body:
        said.append((b"content-length", b"%d" % len(body)))
    said.append((b"susa-deadline-ms", b"%d" % (deadline_s * 1000)))
    return said, body


def away(service: str) -> Trouble:
    return of_problem(Unavailable(f"{service} does not answer; try again shortly"))


def of_problem(problem: Problem) -> Trouble:
    return trouble_of(problem.as_dict(), problem.status)


def trouble_of(body: Mapping[str, Any], status: int) -> Trouble:
    """Of a problem's JSON; field names lose the `body.`, `query.` or `path.` before them."""
    errors = body.get("errors") or []
    return Trouble(
        status,
        str(body.get("code", f"http_{status}")),
        str(body.get("title", "")),
        str(body.get("detail", "")),
        {_bare(str(one.get("field", ""))): Fault.of(one) for one in errors},
    )


def _bare(name: str) -> str:
    where, _, rest = name.partition(".")
    return rest if where in {"body", "query", "path", "header"} else name


def _query(query: Query | None) -> bytes:
    return urlencode(
        {name: _plain(value) for name, value in (query or {}).items() if value is not None}
    ).encode()


def _plain(value: str | float) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _scope(
    request: Request, method: str, path: str, query: bytes, said: list[tuple[bytes, bytes]]
) -> dict[str, Any]:
    anew = {name for name, _ in said}
    passed = [
        (name, value)
        for name, value in request.scope["headers"]
        if name in _PASSED_ON and name not in anew
    ]
    quoted = quote(path, safe="/:@!$&'()*+,;=~-._")
    return {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": method,
        "scheme": request.scope["scheme"],
        "path": path,
        "raw_path": quoted.encode(),
        "query_string": query,
        "root_path": "",
        "headers": [*passed, *said],
        "client": request.scope.get("client"),
        "server": request.scope.get("server"),
        "state": {},
    }


class _Heard:
    """Gives an app one request body and keeps what it sends, ANSWER_MAX at most."""

    def __init__(self, body: bytes) -> None:
        self._body: bytes | None = body
        self._chunks: list[bytes] = []
        self._size = 0
        self._status = 0
        self._headers: dict[str, str] = {}
        self._done = asyncio.Event()
        self.ended = False

    async def receive(self) -> Message:
        if self._body is None:
            await self._done.wait()
            return {"type": "http.disconnect"}
        body, self._body = self._body, None
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self._status = message["status"]
            self._headers = {
                name.decode("latin-1").lower(): value.decode("latin-1")
                for name, value in message.get("headers", ())
            }
            return
        chunk: bytes = message.get("body", b"")
        self._size += len(chunk)
        if self._size > ANSWER_MAX:
            raise Unavailable("the answer is too large for a page")
        self._chunks.append(chunk)
        if not message.get("more_body"):
            self.ended = True
            self._done.set()

    def answer(self, service: str) -> Answer:
        content = b"".join(self._chunks)
        if not self.ended:
            return Answer(503, problem=away(service))
        body = _json(content) if "json" in self._headers.get("content-type", "") else None
        problem = None
        if self._status >= 400:
            problem = trouble_of(body if isinstance(body, dict) else {}, self._status)
        return Answer(self._status, body, problem, content, self._headers)


def _json(content: bytes) -> Json:
    try:
        return jsons.loads(content)
    except ValueError:
        return None

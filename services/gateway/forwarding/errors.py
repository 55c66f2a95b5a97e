"""Refusals of the front, written straight to ASGI: no framework stands this far out."""

import json

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Send

from services.gateway.traffic.service import ELSEWHERE
from shared.errors import MEDIA_TYPE, Problem, Unavailable, problem_response


class SisterUnavailable(Unavailable):
    code, title = "sister_unavailable", "A part of the service is not reachable"

    def __init__(self, service: str) -> None:
        super().__init__(f"{service} does not answer; try again", headers={"Retry-After": "1"})


class SisterSilent(Unavailable):
    """Only for what was asked, never for what was told to be done: that may have been done."""

    code, title = "sister_unavailable", "A part of the service is not reachable"

    def __init__(self, service: str, deadline_s: float) -> None:
        detail = f"{service} did not answer within {deadline_s:.3g} s; try again"
        super().__init__(detail, headers={"Retry-After": "2"})


class MethodNotAllowed(Problem):
    status, code, title = 405, "method_not_allowed", "Method not allowed"


async def send_problem(send: Send, problem: Problem) -> None:
    body = json.dumps(problem.as_dict(), ensure_ascii=False).encode()
    headers = [
        (b"content-type", MEDIA_TYPE.encode()),
        (b"content-length", str(len(body)).encode()),
        *((name.lower().encode(), value.encode()) for name, value in problem.headers.items()),
    ]
    await send({"type": "http.response.start", "status": problem.status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


async def on_sister_unavailable(request: Request, exc: Exception) -> Response:
    """Where an operation of the gateway's own cannot do without one: no fault of the gateway."""
    assert isinstance(exc, SisterUnavailable)  # noqa: S101 - registered for it only
    request.scope["state"][ELSEWHERE] = True
    return problem_response(exc)

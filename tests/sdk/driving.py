"""Drives a flow by hand: what it sends is kept, what it is answered comes from a script."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import httpx

from susa_client.flow import Emit
from susa_client.steps import Send

Answer = httpx.Response | httpx.TransportError


def answered(status: int, body: Any = None, **headers: str) -> httpx.Response:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return httpx.Response(status, json=body, headers=named)


def refused(status: int, code: str, **headers: str) -> httpx.Response:
    body = {"type": f"urn:susa:problem:{code}", "title": code, "status": status, "code": code}
    return answered(status, {**body, "detail": "so it is"}, **headers)


@dataclass
class Driven:
    """`sent` and `waited` are filled while `run` or `items` goes on."""

    script: Sequence[Answer]
    sent: list[httpx.Request] = field(default_factory=list)
    waited: list[float] = field(default_factory=list)
    returned: Any = None

    def run(self, flow: Any) -> Any:
        """What the flow returns; a list of what it handed out, if it is a stream."""
        found = list(self.items(flow))
        return found or self.returned

    def items(self, flow: Any) -> Iterator[Any]:
        """What it hands out, as it does; what it returns is in `returned` then."""
        answers = iter(self.script)
        told: Any = None
        while True:
            try:
                if isinstance(told, httpx.TransportError):
                    step = flow.throw(told)
                else:
                    step = flow.send(told)
            except StopIteration as stop:
                self.returned = stop.value
                return
            told = None
            match step:
                case Emit(item):
                    yield item
                case Send(request, _):
                    self.sent.append(request)
                    told = next(answers)
                    if isinstance(told, httpx.Response):
                        told.request = request
                case _:
                    self.waited.append(step.seconds)

    def bodies(self) -> list[Any]:
        return [json.loads(request.content) for request in self.sent]

    def keys(self) -> list[str | None]:
        return [request.headers.get("Idempotency-Key") for request in self.sent]

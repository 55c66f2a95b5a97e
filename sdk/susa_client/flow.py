"""The one core of both clients: what to send, what to wait for, what to make of the answers.

Generators that do no input or output themselves. They yield a step, and are sent what came of it;
`client.py` drives them, once blocking and once with await. So is httpx's own `auth_flow` built.
"""

from collections.abc import Generator
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import httpx

from susa_client.auth import Auth
from susa_client.call import Call
from susa_client.errors import Problem, SusaError, Unauthenticated, Unreachable, problem_of
from susa_client.retry import Retry, may_repeat, may_repeat_unanswered, seconds_asked
from susa_client.steps import Flow, Send, Wait

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Emit(Generic[T]):
    """Hand this to whoever iterates."""

    item: T


Stream = Generator[Send | Wait | Emit[T], Any, None]


@dataclass(frozen=True, slots=True)
class Core:
    """What a client knows beside its connections."""

    base_url: httpx.URL
    auth: Auth
    retry: Retry

    def exchange(self, call: Call[T], timeout_s: float | None = None) -> Flow[T]:
        """Send a call until it is answered for good.

        Raises a Problem for a refusal, Unreachable where no answer came. A 401 is tried once more
        with a fresh token, where there is one to renew.
        """
        call = call.once()
        may_renew = True
        attempt = 1
        while True:
            answer = yield from self._attempt(call, timeout_s)
            if isinstance(answer, httpx.Response) and answer.is_success:
                return call.read(answer)
            failure = _failure(call, answer)
            if may_renew and isinstance(failure, Unauthenticated) and self.auth.forget():
                may_renew = False
                continue
            wait_s = self._wait_s(attempt, call, answer, failure)
            if wait_s is None:
                raise failure
            yield Wait(wait_s)
            attempt += 1

    def _attempt(
        self, call: Call[Any], timeout_s: float | None
    ) -> Flow[httpx.Response | httpx.TransportError]:
        request = call.request(self.base_url)
        authorization = yield from self.auth.authorization(self.base_url, self.retry)
        if authorization is not None:
            request.headers["Authorization"] = authorization
        try:
            answer: httpx.Response = yield Send(request, timeout_s)
        except httpx.TransportError as error:
            return error
        return answer

    def _wait_s(
        self,
        attempt: int,
        call: Call[Any],
        answer: httpx.Response | httpx.TransportError,
        failure: SusaError,
    ) -> float | None:
        """None: it is not to be tried again."""
        if isinstance(answer, httpx.TransportError):
            repeat, asked_s = may_repeat_unanswered(answer, safe=call.safe), None
        else:
            code = failure.code if isinstance(failure, Problem) else ""
            repeat = may_repeat(answer, code, safe=call.safe)
            asked_s = seconds_asked(answer.headers.get("Retry-After"))
        return self.retry.wait_s(attempt, asked_s) if repeat else None

    def items(self, call: Call[Any]) -> Stream[Any]:
        """Everything that a list has, page by page."""
        while True:
            page = yield from self.exchange(call)
            for item in page.items:
                yield Emit(item)
            if page.next is None:
                return
            call = call.with_params(cursor=page.next)


def _failure(call: Call[Any], answer: httpx.Response | httpx.TransportError) -> SusaError:
    if isinstance(answer, httpx.Response):
        return problem_of(answer)
    failure = Unreachable(f"{call.method} {call.path}: {answer!r}")
    failure.__cause__ = answer
    return failure

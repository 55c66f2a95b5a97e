"""What may go wrong. A refusal is an exception by its status, with the stable `code`."""

import dataclasses
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import httpx

from susa_client.retry import seconds_asked


class SusaError(Exception):
    """Base of all that this package raises."""


class Unreachable(SusaError):
    """No answer came, however often it was asked. Whether it had an effect is not known."""


class UnexpectedAnswer(SusaError):
    """An answer of another shape than documented: something stands between, or this is too old."""


class TokenUnavailable(SusaError):
    """The token endpoint refused the credentials."""


@dataclass(frozen=True, slots=True)
class FieldError:
    """`field`: where in the request, dotted: `body.recipient.phone`. Decide by `code`.

    `limits`: what it was held against, such as `max_length`.
    """

    field: str
    message: str
    code: str = ""
    limits: Mapping[str, float | str] = dataclasses.field(default_factory=dict, hash=False)


class Problem(SusaError):
    """A refusal (RFC 9457). Decide by `code`, which is stable; show `detail` to people."""

    def __init__(self, status: int, body: Mapping[str, object], headers: httpx.Headers) -> None:
        self.status = status
        self.code = str(body.get("code", f"http_{status}"))
        self.title = str(body.get("title", ""))
        self.detail = str(body.get("detail", ""))
        self.errors = _field_errors(body.get("errors"))
        self.headers = headers
        super().__init__(f"{status} {self.code}: {self.detail}")

    @property
    def request_id(self) -> str | None:
        """By which the post finds the request in its logs."""
        found: str | None = self.headers.get("X-Request-Id")
        return found

    @property
    def retry_after_s(self) -> float | None:
        """When it may be worth trying again, where the post says so."""
        return seconds_asked(self.headers.get("Retry-After"))


class BadRequest(Problem):
    """400: not understood, or without a key that it needs."""


class Unauthenticated(Problem):
    """401: no credentials, or none that hold."""


class Forbidden(Problem):
    """403: these credentials may not."""


class NotFound(Problem):
    """404: not there, or not yours."""


class Conflict(Problem):
    """409: what is there does not allow it."""


class Gone(Problem):
    """410: what was asked for is there no more."""


class TooLarge(Problem):
    """413: more than may be sent at once."""


class Invalid(Problem):
    """422: `errors` names the fields."""


class RateLimited(Problem):
    """429: too many requests, also after waiting as asked."""


class ServerFault(Problem):
    """5xx: the post's own fault, also after trying again."""


_BY_STATUS: Final[dict[int, type[Problem]]] = {
    400: BadRequest,
    401: Unauthenticated,
    403: Forbidden,
    404: NotFound,
    409: Conflict,
    410: Gone,
    413: TooLarge,
    422: Invalid,
    429: RateLimited,
}


def problem_of(answer: httpx.Response) -> Problem:
    """What an answer that is no success says; a proxy in between may say it in any form."""
    try:
        body = json.loads(answer.content)
    except ValueError:
        body = None
    if not isinstance(body, dict):
        body = {"detail": answer.text[:500]}
    fallback = ServerFault if answer.status_code >= 500 else Problem
    kind = _BY_STATUS.get(answer.status_code, fallback)
    return kind(answer.status_code, body, answer.headers)


def _field_errors(found: object) -> Sequence[FieldError]:
    if not isinstance(found, list):
        return ()
    return tuple(
        FieldError(
            str(one.get("field", "")),
            str(one.get("message", "")),
            str(one.get("code", "")),
            one.get("limits") or {},
        )
        for one in found
        if isinstance(one, dict)
    )

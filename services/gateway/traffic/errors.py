"""Refusals of traffic: nothing was begun, so each may be sent again after `Retry-After`."""

import math

from shared.errors import Problem, Unavailable


class TooManyRequests(Problem):
    status, code, title = 429, "too_many_requests", "Too many requests"

    def __init__(self, detail: str, *, retry_s: float, headers: dict[str, str]) -> None:
        super().__init__(detail, headers={**headers, "Retry-After": str(math.ceil(retry_s))})


class SlowBody(Problem):
    status, code, title = 408, "slow_body", "The request did not arrive in time"


class Overloaded(Unavailable):
    code, title = "overloaded", "Too much is asked at the moment"

    def __init__(self, service: str, *, retry_s: int) -> None:
        super().__init__(
            f"{service} has more to do than it can; nothing was begun, send it again",
            headers={"Retry-After": str(retry_s)},
        )


class SisterResting(Unavailable):
    code, title = "sister_unavailable", "A part of the service is not reachable"

    def __init__(self, service: str, *, retry_s: int) -> None:
        super().__init__(
            f"{service} has failed too often just now; nothing was begun, send it again",
            headers={"Retry-After": str(retry_s)},
        )

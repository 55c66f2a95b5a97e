"""What the gateway counts of its traffic. Labels are few and bounded: never a path, never who."""

from collections.abc import Iterable
from typing import Final

from prometheus_client import Histogram

from services.gateway.traffic.domain import ORDER
from services.gateway.traffic.lane import Lane
from shared.auth import World
from shared.metrics import counter, gauge, highest, histogram

_SECONDS: Final = (0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0)

REQUESTS: Final = histogram(
    "susa_request_seconds",
    "Time from a request's headers to the end of its answer",
    ("service", "traffic", "status"),
    _SECONDS,
)
LIMITED: Final = counter(
    "susa_limited_total", "Requests over their client's quota (429)", ("service", "traffic")
)
SHED: Final = counter(
    "susa_shed_total", "Requests refused for overload (503)", ("service", "traffic")
)
RETRIES: Final = counter("susa_retries_total", "Requests sent to a sister again", ("service",))
STALE: Final = counter(
    "susa_stale_total", "Tracking answered from memory, its sister being away", ("service",)
)
IN_FLIGHT: Final = gauge(
    "susa_in_flight", "Requests that a sister is working on", ("service", "world")
)
LIMIT: Final = gauge(
    "susa_in_flight_limit", "How many a sister is given at once", ("service", "world")
)
QUEUED: Final = gauge("susa_queued", "Requests that wait for a place", ("service", "world"))
BREAKER: Final = highest(
    "susa_breaker_open", "1 while a sister is left alone for its failures", ("service", "world")
)
LAG: Final = highest(
    "susa_event_loop_lag_seconds", "How late this process does what it planned", ("service",)
)


WAITING: Final = "waiting"
"""For the long polls of the feed, whose time says nothing of how busy anyone is."""


class Meters:
    """The children of the histogram, found without making their labels anew each time."""

    __slots__ = ("_known", "_shed", "_stale")

    def __init__(self) -> None:
        self._known: dict[tuple[str, str, int], Histogram] = {}
        self._shed: dict[Lane, list[int]] = {}
        self._stale = 0

    def answered(self, service: str, kind: str, status: int, elapsed_s: float) -> None:
        known = self._known.get((service, kind, status))
        if known is None:
            known = REQUESTS.labels(service, kind, str(status))
            self._known[service, kind, status] = known
        known.observe(elapsed_s)

    def read(self, lanes: Iterable[tuple[str, World, Lane]], stale_served: int) -> None:
        """Bring what the lanes know of themselves into the metrics; done now and then."""
        for service, world, lane in lanes:
            IN_FLIGHT.labels(service, world).set(lane.in_flight)
            LIMIT.labels(service, world).set(lane.adaptive.limit)
            QUEUED.labels(service, world).set(lane.waiting)
            BREAKER.labels(service, world).set(lane.breaker.open)
            told = self._shed.setdefault(lane, [0] * len(ORDER))
            for rank, kind in enumerate(ORDER):
                if more := lane.shed[rank] - told[rank]:
                    SHED.labels(service, kind).inc(more)
                    told[rank] += more
        if more := stale_served - self._stale:
            STALE.labels("parcels").inc(more)
            self._stale += more

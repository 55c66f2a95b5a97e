"""Prometheus metrics of a process, or of all processes of a machine that share a folder.

With PROMETHEUS_MULTIPROC_DIR set before this is imported (`susa up` sets it for its children),
each process writes to files there, and any of them can tell what all have counted.
"""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    generate_latest,
)
from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead

FOLDER: Final = "PROMETHEUS_MULTIPROC_DIR"
CONTENT_TYPE: Final = CONTENT_TYPE_LATEST
REGISTRY: Final = CollectorRegistry()


def counter(name: str, told: str, labels: Sequence[str] = ()) -> Counter:
    return Counter(name, told, labels, registry=REGISTRY)


def gauge(name: str, told: str, labels: Sequence[str] = ()) -> Gauge:
    """Summed over the processes that live."""
    return Gauge(name, told, labels, registry=REGISTRY, multiprocess_mode="livesum")


def highest(name: str, told: str, labels: Sequence[str] = ()) -> Gauge:
    """A gauge of which the worst of all living processes counts."""
    return Gauge(name, told, labels, registry=REGISTRY, multiprocess_mode="livemax")


def histogram(name: str, told: str, labels: Sequence[str], buckets: Sequence[float]) -> Histogram:
    return Histogram(name, told, labels, registry=REGISTRY, buckets=buckets)


def exposition() -> bytes:
    """All metrics in Prometheus' text format."""
    folder = os.environ.get(FOLDER)
    if not folder:
        return generate_latest(REGISTRY)
    together = CollectorRegistry()
    MultiProcessCollector(together, folder)  # type: ignore[no-untyped-call]
    return generate_latest(together)


def start_over(folder: Path) -> None:
    """An empty folder: what an earlier run counted is not this one's."""
    folder.mkdir(parents=True, exist_ok=True)
    for path in folder.glob("*.db"):
        path.unlink(missing_ok=True)


def process_ended(folder: Path, pid: int) -> None:
    """Its gauges go; its counters stay, so that sums never fall."""
    mark_process_dead(pid, str(folder))  # type: ignore[no-untyped-call]

"""The background jobs of parcels: relay, consumers, timers."""

from shared import work
from shared.runtime import Runtime


def jobs(runtime: Runtime) -> work.Work:
    return work.plumbing(runtime)

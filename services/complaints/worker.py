"""The background jobs of complaints: relay, consumers, timers."""

from shared import work
from shared.runtime import Runtime


def jobs(runtime: Runtime) -> work.Work:
    return work.plumbing(runtime)

"""Which scans are which task, and whose work it was: as GET /v1/statistics/tasks counts."""

from collections import Counter
from collections.abc import Iterable

from services.year.figures import TASK_WEIGHTS
from services.year.network import Network
from services.year.route import Scan

Tasks = Counter[tuple[str, bool]]
"""Counts by task, and whether it was done outside the state part."""

_TASK_OF = {
    "acceptance": "acceptance",
    "arrival": "sorting",  # at a sorting centre only
    "departure": "transport",
    "delivered": "delivery",
    "returned": "delivery",
}


def tasks_of(scans: Iterable[Scan], network: Network) -> Tasks:
    found: Tasks = Counter()
    for scan in scans:
        task = _TASK_OF.get(scan.event)
        at_centre = network.kind_of[scan.office] == "sorting_centre"
        if task is not None and (at_centre or task != "sorting"):
            found[task, network.is_outside(scan.office)] += 1
    return found


def delegated_outside(tasks: Tasks, count: int, percent: int) -> int:
    """Of `count` delegated services, how many done outside make the weighted total `percent`.

    As near as whole services allow; all or none of them where they cannot make it.
    """
    missing: float = percent
    for task, weight in TASK_WEIGHTS.items():
        if whole := tasks[task, True] + tasks[task, False]:
            missing -= weight * tasks[task, True] / whole
    return min(max(round(count * missing / TASK_WEIGHTS["delegated"]), 0), count)

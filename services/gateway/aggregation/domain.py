"""Whose work it is: shares of tasks that are done outside the state part. Pure."""

from collections.abc import Iterable
from typing import Final, NamedTuple, get_args

from services.gateway.aggregation.schemas import TaskName, TaskShare, TaskShares

STATE_KINDS: Final = ("post_office", "sorting_centre")
"""Kinds of office that are the state's own; agencies, counters and rural offices are not."""
WEIGHTS: Final[dict[TaskName, float]] = {
    "acceptance": 0.3,
    "sorting": 0.1,
    "transport": 0.1,
    "delivery": 0.3,
    "delegated": 0.2,
}
"""Ours, for want of published ones: what meets people weighs most. They add up to one."""


class Done(NamedTuple):
    """So much of a task at offices of a kind."""

    task: TaskName
    kind: str
    times: int


def task_shares(done: Iterable[Done]) -> TaskShares:
    """Each task's share, and the total by weights, which needs a share of each."""
    counts, outside = dict.fromkeys(WEIGHTS, 0), dict.fromkeys(WEIGHTS, 0)
    for task, kind, times in done:
        counts[task] += times
        outside[task] += 0 if kind in STATE_KINDS else times
    total = None
    if all(counts.values()):
        total = sum(100 * WEIGHTS[task] * outside[task] / counts[task] for task in WEIGHTS)
    return TaskShares(
        state_kinds=list(STATE_KINDS),
        rows=[
            TaskShare(
                task=task,
                count=counts[task],
                outside_count=outside[task],
                outside_percent=_percent(outside[task], counts[task]),
                weight=WEIGHTS[task],
            )
            for task in get_args(TaskName)
        ],
        total_outside_percent=None if total is None else round(total, 2),
    )


def _percent(part: int, whole: int) -> float | None:
    return round(100 * part / whole, 2) if whole else None

"""So many at a time."""

import asyncio
from collections.abc import Coroutine, Iterable
from typing import Any, TypeVar

T = TypeVar("T")


async def bounded(limit: int, work: Iterable[Coroutine[Any, Any, T]]) -> list[T]:
    """Results in order; at most `limit` at a time; the first failure cancels the rest."""
    slots = asyncio.Semaphore(limit)

    async def one(coroutine: Coroutine[Any, Any, T]) -> T:
        async with slots:
            return await coroutine

    pending = list(work)
    try:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(one(coroutine)) for coroutine in pending]
    except BaseExceptionGroup as failures:
        raise failures.exceptions[0] from None
    finally:
        for coroutine in pending:
            coroutine.close()  # those whose turn never came
    return [task.result() for task in tasks]


def chunks(of: list[T], size: int) -> Iterable[list[T]]:
    return (of[start : start + size] for start in range(0, len(of), size))

"""Cancellation that does not get lost."""

import asyncio


def pass_on_cancellation() -> None:
    """CancelledError if this task is being cancelled; for loops that go on after an error.

    The clean-up of a cancelled transaction may fail itself, when the server goes away too: its
    error then comes in the cancellation's place, and a loop that survives it never ends.
    """
    task = asyncio.current_task()
    if task is not None and task.cancelling():
        raise asyncio.CancelledError

"""`susa up`: one parent, web processes on one socket, one worker; what dies is started again."""

import asyncio
import os
import signal
import socket
import sys
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import structlog

from shared import metrics
from shared.embedded import EmbeddedPostgres
from shared.patience import PATIENCE

log = structlog.get_logger(__name__)

STOP_S: Final = 15 * PATIENCE
RESTART_MAX_S: Final = 5.0


def listen(host: str, port: int) -> socket.socket:
    """The socket all web processes share; OSError where the port is taken."""
    sock = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    sock.bind((host, port))
    sock.listen(2048)
    sock.setblocking(False)  # noqa: FBT003 - the library's own signature
    return sock


@dataclass(frozen=True, slots=True)
class Part:
    """A process to keep: the arguments of `susa`, and what descriptors it inherits."""

    name: str
    arguments: tuple[str, ...]
    descriptors: tuple[int, ...] = ()


@dataclass(slots=True)
class Supervisor:
    parts: list[Part]
    environment: Mapping[str, str]
    server: EmbeddedPostgres | None
    stopping: asyncio.Event = field(default_factory=asyncio.Event)
    processes: dict[str, asyncio.subprocess.Process] = field(default_factory=dict)

    async def run(self, when_started: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """Keep everything running until a signal; `when_started` runs beside it once."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, self.stopping.set)
        keepers = [asyncio.create_task(self._keep(part)) for part in self.parts]
        if self.server is not None:
            keepers.append(asyncio.create_task(self.server.watch()))
        first = asyncio.create_task(when_started())
        stop = asyncio.create_task(self.stopping.wait())
        await asyncio.wait({stop, first, *keepers}, return_when=asyncio.FIRST_COMPLETED)
        if first.done() and first.exception() is None:
            await asyncio.wait({stop, *keepers}, return_when=asyncio.FIRST_COMPLETED)
        self.stopping.set()
        for task in (*keepers, first, stop):
            task.cancel()
        results = await asyncio.gather(*keepers, first, stop, return_exceptions=True)
        await self._stop_all()
        for error in results:
            if isinstance(error, Exception):
                raise error

    async def _keep(self, part: Part) -> None:
        pause_s = 0.2
        while not self.stopping.is_set():
            started_at = asyncio.get_running_loop().time()
            process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                "services.cli",
                *part.arguments,
                pass_fds=part.descriptors,
                env={**os.environ, **self.environment, "SUSA_PARENT_PID": str(os.getpid())},
                start_new_session=True,  # Ctrl-C reaches the parent, which stops them in order
            )
            self.processes[part.name] = process
            code = await process.wait()
            if folder := self.environment.get(metrics.FOLDER):
                metrics.process_ended(Path(folder), process.pid)
            if self.stopping.is_set():
                return
            lived_s = asyncio.get_running_loop().time() - started_at
            pause_s = 0.2 if lived_s > 10 else min(pause_s * 2, RESTART_MAX_S)
            log.error("process_died", part=part.name, code=code, restart_in_s=pause_s)
            await asyncio.sleep(pause_s)

    async def _stop_all(self) -> None:
        living = [p for p in self.processes.values() if p.returncode is None]
        for process in living:
            process.terminate()
        waits = [asyncio.create_task(process.wait()) for process in living]
        if not waits:
            return
        _, late = await asyncio.wait(waits, timeout=STOP_S)
        if late:
            for process in living:
                if process.returncode is None:
                    process.kill()
            await asyncio.wait(late)


async def orphaned() -> None:
    """Returns when the parent that started this process is gone (it never would stop us then)."""
    parent = os.environ.get("SUSA_PARENT_PID")
    while parent is None or os.getppid() == int(parent):  # noqa: ASYNC110 - no event for this
        await asyncio.sleep(1)

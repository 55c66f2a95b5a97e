"""Susa's processes as an operator runs them: started, waited for, killed; their logs are kept."""

import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import httpx

from shared.patience import PATIENCE

ROOT: Final = Path(__file__).parents[2]
START_S_MAX: Final = 300
STOP_S_MAX: Final = 180
TAIL_CHARACTERS: Final = 4_000

# what a service logs, or Python prints, when something went wrong that nobody foresaw
FAULT: Final = re.compile(
    r"request_crashed|front_failed|Traceback \(most recent call last\)|event_quarantined"
    r"|consumer_failed|consumer_stopped|job_failed|job_ended|webhook_(?:not_recorded|send_failed)"
)


def environment(**more: str) -> dict[str, str]:
    """This process's environment without settings of Susa of its own, and these instead."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("SUSA_")}
    return {**kept, "SUSA_PATIENCE": f"{PATIENCE:g}", "PYTHONUNBUFFERED": "1", **more}


def command(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "services.cli", *arguments]


@dataclass
class Part:
    """One process: `serve parcels`, `work all`. A part that serves has a port."""

    name: str
    environment: Mapping[str, str]
    log: Path
    port: int | None = None
    process: "subprocess.Popen[bytes] | None" = None
    changing: threading.Lock = field(default_factory=threading.Lock)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Start it and return at once."""
        listen = () if self.port is None else ("--port", str(self.port))
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                command(*self.name.split(), *listen),
                # a part whose parent dies ends by itself: nothing is left of a killed test run
                env={**self.environment, "SUSA_PARENT_PID": str(os.getpid())},
                cwd=ROOT,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )

    def alive(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def answers(self) -> bool:
        """Whether it serves; AssertionError with its log if it ended instead."""
        assert self.alive(), f"{self.name} ended by itself:\n{self.tail()}"
        try:
            with httpx.Client(transport=httpx.HTTPTransport(verify=False)) as client:
                return client.get(f"{self.url}/livez", timeout=5).is_success
        except httpx.HTTPError:
            return False

    def kill(self) -> None:
        assert self.process is not None
        self.process.kill()
        self.process.wait()

    def restart(self) -> None:
        """SIGKILL, and started again at once."""
        with self.changing:
            self.kill()
            self.start()

    def start_if_ended(self) -> bool:
        """As a supervisor does; a service ends by itself if it starts without its database."""
        with self.changing:
            if self.alive():
                return False
            self.start()
            return True

    def terminate(self) -> None:
        assert self.process is not None
        self.process.terminate()

    def ended(self) -> None:
        """Wait for the end after `terminate`: in time, and by the signal's own way."""
        assert self.process is not None
        try:
            code = self.process.wait(STOP_S_MAX)
        except subprocess.TimeoutExpired:
            self.kill()
            raise AssertionError(f"{self.name} does not stop:\n{self.tail()}") from None
        assert code in {0, -signal.SIGTERM}, f"{self.name} ended with {code}:\n{self.tail()}"

    def tail(self) -> str:
        return self.read()[-TAIL_CHARACTERS:]

    def read(self, start: int = 0) -> str:
        """The log from a place on."""
        with self.log.open("rb") as log:
            log.seek(start)
            return log.read().decode(errors="replace")


def wait_ready(parts: Iterable[Part]) -> None:
    deadline = time.monotonic() + START_S_MAX
    for part in parts:
        if part.port is None:
            continue
        while not part.answers():
            assert time.monotonic() < deadline, f"{part.name} does not answer:\n{part.tail()}"
            time.sleep(0.1)


def stop_all(parts: Iterable[Part]) -> None:
    living = [part for part in parts if part.alive()]
    for part in living:
        part.terminate()
    for part in living:
        part.ended()

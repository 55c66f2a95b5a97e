"""`susa up --demo` as `make run` starts it: the table, three curl lines, a clean end, a restart."""

import json
import os
import re
import shutil
import signal
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

import httpx
import pytest

from shared.embedded import destroy
from shared.embedded.cluster import pick_port
from shared.embedded.home import find
from shared.embedded.processes import servers_of
from tests.e2e.processes import FAULT, ROOT, command, environment

SCALE: Final = "400000"
LOADED_S_MAX: Final = 900
STOP_S_MAX: Final = 180
ROWS: Final = (
    "items sorted and moved",
    "express items, growth",
    "postal items, growth",
    "e-commerce packages",
    "e-commerce packages, growth",
    "first half of the next year, growth",
    "electronic services, growth",
    "people",
    "people on the payroll",
    "people outside the state part",
    "tasks outside the state part",
    "delegated services",
    "within promise",
    "tariff over 3 years, growth",
    "cash on delivery, paid out",
    "compensation paid",
    "satisfaction",
    "satisfaction the year before",
)
LAST_LINE: Final = re.compile(r"^curl .*/v1/tracking/\$BARCODE$", re.MULTILINE)


class Up:
    """A running `susa up --demo`; what it says is read as it says it."""

    def __init__(self, home: Path, port: int) -> None:
        self.said = ""
        self._log = home.with_name("up.log")
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(
                command("up", "--demo", "--scale", SCALE, "--web", "1"),
                env=environment(SUSA_HOME=str(home), SUSA_PORT=str(port), COLUMNS="120"),
                cwd=ROOT,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
            )
        self._invited = threading.Event()
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self.said += line
            if LAST_LINE.match(line):
                self._invited.set()
        self._invited.set()  # the end: nobody waits for more

    def wait_for_invitation(self) -> None:
        assert self._invited.wait(LOADED_S_MAX), self.log
        assert LAST_LINE.search(self.said), f"{self.said}\n{self.log}"

    @property
    def log(self) -> str:
        return self._log.read_text(errors="replace")

    def table_rows(self) -> list[str]:
        """What of the year's table was printed: each name once."""
        return sorted(name for name in ROWS for _ in re.findall(rf"│ {name} +│", self.said))

    def curl_lines(self) -> list[str]:
        return [line for line in self.said.splitlines() if line.startswith(("curl", "BARCODE="))]

    def stop(self) -> int:
        """SIGTERM, as a service manager stops it."""
        self._process.terminate()
        try:
            code = self._process.wait(STOP_S_MAX)
        finally:
            if self._process.poll() is None:
                self._process.kill()
            self._reader.join()
            assert self._process.stdout is not None
            self._process.stdout.close()
        return code


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Path]:
    path = tmp_path / "home"
    yield path
    for pid in processes_of(path):
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    destroy(path / "postgres")


@contextmanager
def up(home: Path, port: int) -> Iterator[Up]:
    running = Up(home, port)
    try:
        running.wait_for_invitation()
        yield running
    finally:
        code = running.stop()
    assert code == 0, running.log
    assert not FAULT.search(running.log), running.log


def processes_of(home: Path) -> list[int]:
    """Susa's processes of this home, and PostgreSQL's."""
    place = find(home / "postgres")
    found = [process.pid for process in servers_of(place.data, place.account)]
    mark = f"SUSA_HOME={home}\0".encode()
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal() and int(entry.name) != os.getpid():
            with suppress(OSError):
                if mark in (entry / "environ").read_bytes():
                    found.append(int(entry.name))
    return found


def try_out(lines: list[str]) -> list[dict[str, object]]:
    """The JSON that each of the printed lines answers, in a shell that stops at an error."""
    script = "\n".join(f"{line}\necho" for line in lines)
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", script],
        env=environment(NO_PROXY="127.0.0.1"),
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    booked = done.stderr.strip()  # the second line shows its answer there
    quote, _, tracking = done.stdout.split("\n")[:3]
    return [json.loads(text) for text in (quote, booked, tracking)]


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed (apt has it)")
def test_the_printed_lines_work_and_a_second_start_loads_nothing(home: Path) -> None:
    port = pick_port(None)
    with up(home, port) as first:
        assert "parcels booked and" in first.said
        assert first.table_rows() == sorted(ROWS)
        assert re.search(r"│ compensation paid +│.*│ +yes │", first.said), first.said
        lines = first.curl_lines()
        assert len(lines) == 3, first.said
        quote, booked, tracking = try_out(lines)
        assert quote["price_rials"] == booked["price_rials"] == 57_500
        assert tracking == {
            "barcode": booked["barcode"],
            "product": "pishtaz",
            "status": "booked",
            "status_text": "سفارش ثبت شد",
            "promised_at": tracking["promised_at"],
            "booked_at": tracking["booked_at"],
            "updated_at": tracking["updated_at"],
            "events": [],
        }
        url = f"http://127.0.0.1:{port}"
        assert httpx.get(f"{url}/docs", trust_env=False).is_success
        about = httpx.get(f"{url}/.well-known/oauth-authorization-server", trust_env=False).json()
        assert about["token_endpoint"] == f"{url}/oauth/token"
        volumes = loaded(port, home)
        assert len(processes_of(home)) > 5
    assert processes_of(home) == []
    started_at = time.monotonic()
    with up(home, port) as second:
        print(f"second start: {time.monotonic() - started_at:.1f} s")  # noqa: T201 - for -s
        assert "parcels booked and" not in second.said
        assert second.table_rows() == sorted(ROWS)
        assert "is loaded already" in second.log
        assert loaded(port, home) == volumes
        assert second.curl_lines() == lines
        assert try_out(lines)[1]["barcode"] != booked["barcode"]
    assert processes_of(home) == []


def loaded(port: int, home: Path) -> int:
    """How many items the year has."""
    key = json.loads((home / "credentials.json").read_text())["manager"]
    answer = httpx.get(
        f"http://127.0.0.1:{port}/v1/statistics/volumes",
        params={"period": "1397"},
        headers={"Authorization": f"Bearer {key}"},
        trust_env=False,
    )
    assert answer.is_success, answer.text
    count: int = answer.json()["total"]["count"]
    assert count > 0
    return count

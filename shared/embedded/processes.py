"""PostgreSQL's processes as Linux's /proc shows them: who is alive, whose, how to end them.

A PostgreSQL process is ours when its working folder is our data folder. Folders are compared by
device and inode, so that a rename or a bind mount does not hide a process.
"""

import os
import re
import signal
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from shared.embedded.account import Account
from shared.embedded.errors import HINTS, Code, EmbeddedError

POLL_S = 0.02
ORPHANS_LEAVE_S = 1.0
FAST_STOP_S = 90.0
IMMEDIATE_STOP_S = 10.0
KILLED_S = 30.0


@dataclass(frozen=True)
class Process:
    """A pid with its start time, so that a reused pid is not taken for it."""

    pid: int
    started_ticks: int

    def alive(self) -> bool:
        return look(self.pid) == self


@dataclass(frozen=True)
class PidFile:
    """What a postmaster says of itself in data/postmaster.pid; true only while it lives."""

    pid: int
    port: int
    ready: bool


@dataclass(frozen=True)
class Postmaster:
    process: Process
    port: int


def look(pid: int) -> Process | None:
    """The process if it lives and is PostgreSQL; a zombie that nobody reaps counts as dead."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except (FileNotFoundError, ProcessLookupError):
        return None
    name, _, rest = stat.partition("(")[2].rpartition(")")
    fields = rest.split()
    if name != "postgres" or fields[0] in "ZX":
        return None
    return Process(pid, int(fields[19]))


def servers_of(data: Path, account: Account) -> list[Process]:
    """Every live PostgreSQL process that works in `data`: postmaster, backends and orphans."""
    if not data.is_dir():
        return []
    pids = (int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdecimal())
    found = [process for pid in pids if (process := look(pid))]
    if not found:
        return []
    where = data.stat()
    folders = _working_folders((process.pid for process in found), account)
    return [p for p in found if folders.get(p.pid) == (where.st_dev, where.st_ino)]


def _working_folders(pids: Iterable[int], account: Account) -> dict[int, tuple[int, int]]:
    """Device and inode of each process's working folder, where they may be known.

    Root in a container usually lacks CAP_SYS_PTRACE and may not look into another user's
    process; that user may, so it is asked.
    """
    links = [f"/proc/{pid}/cwd" for pid in pids]
    if account.drop:
        seen = account.run("stat", "-L", "-c", "%n %d %i", *links).stdout
        rows = re.findall(r"^/proc/(\d+)/cwd (\d+) (\d+)$", seen, re.MULTILINE)
        return {int(pid): (int(device), int(inode)) for pid, device, inode in rows}
    folders = {}
    for link in links:
        try:
            status = Path(link).stat()
        except OSError:  # gone meanwhile, or another user's
            continue
        folders[int(link.split("/")[2])] = (status.st_dev, status.st_ino)
    return folders


def read_pid_file(data: Path) -> PidFile | None:
    try:
        lines = (data / "postmaster.pid").read_text(encoding="utf-8").splitlines()
        return PidFile(int(lines[0]), int(lines[3]), ready="".join(lines[7:8]).strip() == "ready")
    except (FileNotFoundError, NotADirectoryError, ValueError, IndexError):
        return None


def postmaster_of(data: Path, account: Account) -> Postmaster | None:
    """The live postmaster that the pid file names, proved to be the one of this folder."""
    said = read_pid_file(data)
    process = look(said.pid) if said else None
    if said is None or process is None or process not in servers_of(data, account):
        return None
    return Postmaster(process, said.port)


def end_postmaster(process: Process, data: Path, account: Account) -> None:
    """Fast shutdown; then immediate; then kill. Returns when no process of the folder is left."""
    steps = ((signal.SIGINT, FAST_STOP_S), (signal.SIGQUIT, IMMEDIATE_STOP_S))
    for signal_, patience_s in steps:
        send(process, signal_)
        if wait_until(lambda: not process.alive(), patience_s):
            break
    end_orphans(data, account, patience_s=0 if process.alive() else ORPHANS_LEAVE_S)


def end_orphans(data: Path, account: Account, patience_s: float = ORPHANS_LEAVE_S) -> None:
    """Clear the folder of processes that outlived their postmaster; idle ones leave by themselves.

    A busy backend does not notice that its postmaster is dead and blocks the next start.
    Killing it is safe: what it had acknowledged is in the WAL.
    """
    if wait_until(lambda: not servers_of(data, account), patience_s):
        return
    for process in servers_of(data, account):
        send(process, signal.SIGKILL)
    if not wait_until(lambda: not servers_of(data, account), KILLED_S):
        left = ", ".join(str(process.pid) for process in servers_of(data, account))
        message = f"PostgreSQL processes {left} of {data} do not die."
        raise EmbeddedError(Code.STILL_RUNNING, message, HINTS[Code.STILL_RUNNING])


def clear_pid_file(data: Path, account: Account) -> None:
    """Remove a pid file whose pid lives on as a zombie or as a stranger; PostgreSQL would refuse.

    Where process 1 does not reap (plain containers), a killed postmaster stays a zombie for good.
    """
    said = read_pid_file(data)
    if said is None or not Path(f"/proc/{said.pid}").exists():
        return
    if not servers_of(data, account):
        (data / "postmaster.pid").unlink()


def send(process: Process, signal_: signal.Signals) -> None:
    if not process.alive():
        return
    try:
        os.kill(process.pid, signal_)
    except ProcessLookupError:
        return


def wait_until(done: Callable[[], bool], patience_s: float) -> bool:
    deadline = time.monotonic() + patience_s
    while not done():
        if time.monotonic() >= deadline:
            return False
        time.sleep(POLL_S)
    return True

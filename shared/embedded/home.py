"""The folder of one embedded PostgreSQL: whose it is, where the data lie, lock, marker, password.

    home/lock                 flock, held by the one process that supervises
    home/relocated            only if root's server user cannot enter home: the base's path
    base/susa-postgres.json   marker: this folder is ours
    base/password             mode 0600
    base/server.log           the server's own words
    base/programs-18.x.y/     only if the server user cannot reach the installed programs
    base/data/                the cluster

base is home itself, unless `relocated` names another.
"""

import contextlib
import fcntl
import json
import os
import secrets
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

from shared.embedded import account as accounts
from shared.embedded.account import Account
from shared.embedded.errors import Code, EmbeddedError

MARKER = "susa-postgres.json"
LOCK = "lock"
RELOCATED = "relocated"
# Where data go when the server's user cannot enter the home. Not /var/tmp: it is swept.
RELOCATION_ROOTS = (Path("/var/lib/susa"), Path("/srv/susa"))
LOG_BYTES_MAX = 16 << 20
LOG_TAIL_BYTES = 1 << 20


@dataclass(frozen=True)
class Place:
    home: Path
    base: Path
    account: Account

    @property
    def data(self) -> Path:
        return self.base / "data"

    @property
    def log(self) -> Path:
        return self.base / "server.log"

    @property
    def password_file(self) -> Path:
        return self.base / "password"

    def password(self) -> str:
        try:
            return self.password_file.read_text(encoding="ascii").strip()
        except FileNotFoundError as error:
            raise EmbeddedError(
                Code.PASSWORD_LOST,
                f"{self.password_file} is gone.",
                "restore it from a copy of the home, or start with a new home.",
            ) from error

    def make_password(self) -> None:
        """Kept if there: an initdb that was cut short has not used it yet."""
        if not self.password_file.exists():
            self.write(self.password_file, secrets.token_urlsafe(32))

    def port(self) -> int | None:
        """The port of the last run."""
        port = _marker(self.base).get("port")
        return port if isinstance(port, int) else None

    def mark(self, port: int | None = None) -> None:
        """Written only when it changes: a start must not need room on a full disk."""
        marker = {"format": 1, "home": str(self.home), "port": port}
        if marker != _marker(self.base):
            self.write(self.base / MARKER, json.dumps(marker))

    def write(self, path: Path, text: str) -> None:
        """Replace a file whole and durably; a link put in its way is not followed."""
        draft = path.with_name(f"{path.name}.new")
        draft.unlink(missing_ok=True)
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW
        with os.fdopen(os.open(draft, flags, 0o600), "w", encoding="utf-8") as file:
            self.account.own(file.fileno())
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
        sync_folder(path.parent)

    def open_log(self) -> int:
        """A descriptor to append with."""
        flags = os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW
        log = os.open(self.log, flags, 0o600)
        self.account.own(log)
        return log

    def trim_log(self) -> None:
        """Empty an overgrown log, its end kept aside. In place: the server holds it open."""
        if not self.log.exists() or self.log.stat().st_size <= LOG_BYTES_MAX:
            return
        log = self.open_log()
        try:
            end = os.pread(log, LOG_TAIL_BYTES, os.fstat(log).st_size - LOG_TAIL_BYTES)
            with contextlib.suppress(OSError):  # on a full disk the log goes first
                self.write(self.log.with_name("server.log.1"), end.decode(errors="replace"))
            os.ftruncate(log, 0)
        finally:
            os.close(log)


def sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


class HomeLock:
    """One supervisor per home. The kernel drops the lock when its holder dies, even by kill -9.

    A child made by a bare fork would hold it too; those of subprocess do not.
    """

    def __init__(self, home: Path) -> None:
        self._path = home / LOCK
        flags = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW
        self._file = os.fdopen(os.open(self._path, flags, 0o600), "r+", encoding="ascii")
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            holder = self._file.read().strip() or "unknown"
            self._file.close()
            raise EmbeddedError(
                Code.HOME_IN_USE,
                f"{home} is supervised by process {holder}.",
                "stop that one, or give this one another home.",
            ) from error
        if os.geteuid() == 0:
            owner = home.stat()
            os.fchown(self._file.fileno(), owner.st_uid, owner.st_gid)
        self._file.truncate(0)
        self._file.write(str(os.getpid()))
        self._file.flush()

    def release(self) -> None:
        self._file.close()


def claim(home: Path) -> HomeLock:
    """Make the home if it is absent, refuse a stranger's folder, and lock it."""
    home.mkdir(parents=True, exist_ok=True)
    owner = home.stat().st_uid
    if os.geteuid() not in {0, owner}:
        raise _not_ours(home, f"belongs to user {owner}")
    found = {entry.name for entry in home.iterdir() if entry.name != LOCK}
    if found and not found & {MARKER, RELOCATED}:
        raise _not_ours(home, "holds files that Susa did not put there")
    return HomeLock(home)


def settle(home: Path, run_as: str | None) -> Place:
    """Decide base and user of a locked home; both are remembered by what lies on the disk."""
    place = find(home, run_as)
    if not place.data.exists():
        return _furnish(place)
    owner = place.data.lstat().st_uid
    if owner != place.account.uid:
        raise _not_ours(place.data, f"belongs to user {owner}")
    if place.account.drop and not place.account.reaches(place.data):
        raise EmbeddedError(
            Code.HOME_UNREACHABLE,
            f"User {place.account.name}, who runs the server, can no longer enter {place.data}.",
            "give back the right to enter (chmod o+x) to the folders above it.",
        )
    return place


def find(home: Path, run_as: str | None = None) -> Place:
    """The place as it stands; nothing is made."""
    base = _pointer(home)
    if base is None:
        base = home
    else:
        _check_pointed(home, base)
    return Place(home, base, accounts.choose(base / "data", home, run_as))


def _check_pointed(home: Path, base: Path) -> None:
    """A pointer that root did not write is no order to root; a copied home is not its original."""
    marked = _marker(base).get("home")
    if marked is None or (home / RELOCATED).lstat().st_uid != os.geteuid():
        raise _not_ours(base, f"is named by {home / RELOCATED}, but nothing proves that it is ours")
    if marked != str(home) and _pointer(Path(str(marked))) == base:
        raise _not_ours(base, f"belongs to {marked}, of which {home} is a copy")


def _furnish(place: Place) -> Place:
    if place.base == place.home and place.home.stat().st_uid == os.geteuid():
        # Root's home lets the server's user pass, but not look or write.
        place.home.chmod(0o711 if place.account.drop else 0o700)
    if place.account.drop and not place.account.reaches(place.base):
        place = _relocate(place)
    if not (place.base / MARKER).exists():
        place.mark()
    return place


def _relocate(place: Place) -> Place:
    for root in RELOCATION_ROOTS:
        try:
            base = _room_under(root)
        except OSError:
            continue
        if place.account.reaches(base):
            moved = Place(place.home, base, place.account)
            moved.mark()
            # Root keeps the pointer to itself: who could change it could lead root astray.
            keeper = Place(place.home, place.home, accounts.current())
            keeper.write(place.home / RELOCATED, f"{base}\n")
            return moved
        base.rmdir()
    tried = " or ".join(str(root) for root in RELOCATION_ROOTS)
    raise EmbeddedError(
        Code.HOME_UNREACHABLE,
        f"User {place.account.name}, who runs the server, can enter neither {place.home} "
        f"nor a folder under {tried}.",
        "choose a home that this user may enter.",
    )


def _room_under(root: Path) -> Path:
    if not root.exists():
        root.mkdir(parents=True)
        root.chmod(0o755)
    if root.lstat().st_uid != os.geteuid():
        raise PermissionError(f"{root} belongs to another user")
    base = Path(tempfile.mkdtemp(prefix="postgres-", dir=root))
    base.chmod(0o711)
    return base


def strays() -> list[Path]:
    """Relocated bases whose home no longer names them, among those that this user may read."""
    known = [base for root in RELOCATION_ROOTS for base in root.glob("postgres-*")]
    return [base for base in known if _is_stray(base)]


def _is_stray(base: Path) -> bool:
    try:
        return _pointer(Path(str(_marker(base).get("home")))) != base
    except PermissionError:  # another user's, whose doctor can tell
        return False


def _pointer(home: Path) -> Path | None:
    try:
        return Path((home / RELOCATED).read_text(encoding="utf-8").strip())
    except (FileNotFoundError, NotADirectoryError):
        return None


def _marker(base: Path) -> dict[str, object]:
    try:
        marker = json.loads((base / MARKER).read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return {}
    return marker if isinstance(marker, dict) else {}


def clear(place: Place) -> None:
    """Delete everything of the home, also what lies elsewhere. The server must be stopped."""
    shutil.rmtree(place.home)
    if place.base != place.home:
        shutil.rmtree(place.base)


def _not_ours(path: Path, why: str) -> EmbeddedError:
    return EmbeddedError(
        Code.DATA_NOT_OURS,
        f"{path} {why}.",
        "choose an empty or new folder as home, or run as the user it belongs to.",
    )

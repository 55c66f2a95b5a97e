"""The supervisor: makes the cluster, starts it, proves it durable, keeps it up, stops it."""

import asyncio
import logging
import subprocess
import tempfile
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import quote

from shared.embedded import binaries, cluster, processes
from shared.embedded import settings as conf
from shared.embedded.errors import Code, EmbeddedError, explained
from shared.embedded.home import HomeLock, Place, claim, clear, find, settle

WATCH_EVERY_S = 0.25
REVIVALS_MAX = 8  # with the pauses between them about 35 s
REVIVAL_PAUSE_S_MAX = 10.0
PORT_RACES_MAX = 3

_log = logging.getLogger("susa.embedded")


class EmbeddedPostgres:
    """One PostgreSQL in one home, supervised by this process.

    A server that outlived a killed supervisor is adopted if it answers and runs with the settings
    wanted now; otherwise it is restarted. While one process supervises a home a second gets
    `home_in_use`; other processes take the address from `running_dsn`.
    """

    def __init__(
        self,
        home: Path,
        *,
        unsafe_for_tests: bool = False,
        settings: Mapping[str, str] | None = None,
        port: int | None = None,
        run_as: str | None = None,
    ) -> None:
        """`port` None: a free one, kept between runs. `run_as`: user for a new home; root only."""
        self.home = home.absolute()
        self._unsafe = unsafe_for_tests
        self._settings = dict(settings or {})
        self._fixed_port = port
        self._run_as = run_as
        self._mutex = threading.RLock()
        self._lock: HomeLock | None = None
        self._place: Place | None = None
        self._port: int | None = None
        self._process: processes.Process | None = None
        self._child: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int | None:
        """The postmaster's, while it lives."""
        return self._process.pid if self._process and self.alive() else None

    @property
    def log_file(self) -> Path:
        return self._settled().log

    @property
    def data(self) -> Path:
        return self._settled().data

    def alive(self) -> bool:
        if self._child is not None and self._child.poll() is not None:
            return False
        return self._process is not None and self._process.alive()

    def dsn(self, database: str = "postgres") -> str:
        """As the superuser; carries the password."""
        if self._port is None:
            raise RuntimeError("start() comes before dsn()")
        return _dsn(self._settled().password(), self._port, database)

    def start(self) -> None:
        """Return when the server takes connections; no-op while it does. EmbeddedError if not."""
        with self._mutex, explained(self.home):
            if self.alive():
                return
            fresh = self._lock is None
            try:
                self._lock = self._lock or claim(self.home)
                self._bring_up()
            except BaseException:
                if fresh:
                    self._let_go()
                raise

    def stop(self) -> None:
        """Fast shutdown: open transactions are rolled back, the rest is on the disk. Idempotent."""
        with self._mutex:
            if self._place is not None and self._process is not None:
                self._end()
            self._let_go()

    async def watch(self, on_restart: Callable[[], None] | None = None) -> None:
        """Start the server again whenever it dies, until `stop()`; EmbeddedError if it will not.

        The address stays the same. What a crash leaves behind is cleared by `start`.
        """
        while self._lock is not None:
            await asyncio.sleep(WATCH_EVERY_S)
            if self._lock is None or self.alive():
                self._settled().trim_log()
                continue
            _log.error("PostgreSQL has died; starting it again")
            await self._revive()
            if on_restart and self._lock is not None:
                on_restart()

    async def _revive(self) -> None:
        for attempt in range(REVIVALS_MAX):
            try:
                return await asyncio.to_thread(self._start_again)
            except EmbeddedError as error:
                _log.error("PostgreSQL does not start: %s", error)
                if attempt == REVIVALS_MAX - 1:
                    raise
            await asyncio.sleep(min(0.5 * 2**attempt, REVIVAL_PAUSE_S_MAX))
        return None

    def _start_again(self) -> None:
        with self._mutex:
            if self._lock is not None:  # else stopped meanwhile
                self.start()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def _settled(self) -> Place:
        if self._place is None:
            raise RuntimeError("start() comes first")
        return self._place

    def _bring_up(self) -> None:
        self._reap()
        place = self._place = settle(self.home, self._run_as)
        programs = binaries.for_account(place.account, place.base)
        cluster.ensure(place, programs, unsafe=self._unsafe)
        try:
            if not self._adopt(place, programs):
                self._launch(place, programs)
            self._vouch(place)
        except BaseException:
            self._end()
            raise

    def _vouch(self, place: Place) -> None:
        assert self._port is not None  # noqa: S101 -- adopting and launching both set it
        place.mark(self._port)
        if not self._unsafe:
            conf.demand_durable(self._port, place.password())

    def _adopt(self, place: Place, programs: binaries.Binaries) -> bool:
        """Take over a living server if it is as we want it; end any other."""
        found = processes.postmaster_of(place.data, place.account)
        if found is None:
            processes.end_orphans(place.data, place.account)
            processes.clear_pid_file(place.data, place.account)
            return False
        fits = found.port == (self._fixed_port or found.port)
        fits = fits and self._configure(place, programs, found.port)
        if not (fits and _answers(found, place)):
            processes.end_postmaster(found.process, place.data, place.account)
            processes.clear_pid_file(place.data, place.account)
            return False
        _log.info("adopted the PostgreSQL that is already running, pid %d", found.process.pid)
        self._process, self._port = found.process, found.port
        return True

    def _launch(self, place: Place, programs: binaries.Binaries) -> None:
        """A port fixed by the caller or our earlier start is kept; else a lost race draws anew."""
        fixed = self._fixed_port or self._port
        for race in range(PORT_RACES_MAX):
            port = fixed or cluster.pick_port(place.port())
            self._configure(place, programs, port)
            try:
                self._child = cluster.launch(place, programs, port)
            except EmbeddedError as error:
                if error.code is not Code.PORT_TAKEN or fixed or race == PORT_RACES_MAX - 1:
                    raise
                continue
            self._process, self._port = processes.look(self._child.pid), port
            return

    def _configure(self, place: Place, programs: binaries.Binaries, port: int) -> bool:
        """Write susa.conf; True if it already said so, with these very programs."""
        lz4 = cluster.supports_lz4(place, programs)
        text = conf.compose(place.data, self._settings, port, lz4=lz4, unsafe=self._unsafe)
        text += f"# programs {programs.site} {programs.version}\n"
        path = place.data / "susa.conf"
        if path.exists() and path.read_text(encoding="utf-8") == text:
            return True
        place.write(path, text)
        return False

    def _end(self) -> None:
        place = self._settled()
        if self._process is not None:
            processes.end_postmaster(self._process, place.data, place.account)
        self._reap()

    def _reap(self) -> None:
        """Forget a server that is gone; our child must be waited for, or it stays a zombie."""
        if self._child is not None:
            self._child.wait()
        self._child = self._process = None

    def _let_go(self) -> None:
        if self._lock is not None:
            self._lock.release()
        self._lock = None


def _dsn(password: str, port: int, database: str) -> str:
    return f"postgresql://postgres:{password}@127.0.0.1:{port}/{quote(database, safe='')}"


def _answers(found: processes.Postmaster, place: Place) -> bool:
    """Waits for a server that still starts up or recovers; a hung one gets no such patience."""
    processes.wait_until(
        lambda: not found.process.alive() or cluster.is_ready(found.process.pid, place.data),
        cluster.START_TIMEOUT_S,
    )
    try:
        return binaries.query(found.port, place.password(), "select 1") == [["1"]]
    except EmbeddedError:
        return False


def running_dsn(home: Path, database: str = "postgres") -> str | None:
    """Address of a server that another process supervises in this home, if it runs."""
    home = home.absolute()
    if not home.is_dir():
        return None
    with explained(home):
        place = find(home)
        found = processes.postmaster_of(place.data, place.account)
        return _dsn(place.password(), found.port, database) if found else None


def destroy(home: Path) -> None:
    """Stop the server of this home and delete it with its data, also data that lie elsewhere."""
    home = home.absolute()
    if not home.exists():
        return
    with explained(home):
        lock = claim(home)
        try:
            place = find(home)
            found = processes.postmaster_of(place.data, place.account)
            if found is not None:
                processes.end_postmaster(found.process, place.data, place.account)
            processes.end_orphans(place.data, place.account)
            clear(place)
        finally:
            lock.release()


@contextmanager
def temporary(
    settings: Mapping[str, str] | None = None,
) -> Iterator[EmbeddedPostgres]:
    """A server for tests: unsafe and fast, in a folder of its own that goes with it."""
    home = Path(tempfile.mkdtemp(prefix="susa-postgres-"))
    try:
        with EmbeddedPostgres(home, unsafe_for_tests=True, settings=settings) as server:
            yield server
    finally:
        destroy(home)

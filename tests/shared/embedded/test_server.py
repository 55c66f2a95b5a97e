"""A server as an operator has it."""

import stat
from pathlib import Path

import asyncpg
import pytest

from shared.embedded import (
    Code,
    EmbeddedError,
    EmbeddedPostgres,
    destroy,
    diagnose,
    running_dsn,
    temporary,
)
from shared.embedded.settings import compose, defaults
from tests.shared.embedded.support import another_supervisor, ask, tree


def test_no_process_is_root(safe_server: EmbeddedPostgres) -> None:
    owners = {Path(f"/proc/{process.pid}").stat().st_uid for process in tree(safe_server)}
    assert len(tree(safe_server)) > 1
    assert 0 not in owners


def test_it_listens_on_loopback_only(safe_server: EmbeddedPostgres) -> None:
    port = ask(safe_server.dsn(), "select current_setting('port')::int")
    sockets = [
        line.split()
        for table in ("/proc/net/tcp", "/proc/net/tcp6")
        if Path(table).exists()
        for line in Path(table).read_text(encoding="ascii").splitlines()[1:]
    ]
    listening = "0A"
    local = [entry[1] for entry in sockets if entry[3] == listening]
    assert [address for address in local if address.endswith(f":{port:04X}")] == [
        f"0100007F:{port:04X}"
    ]
    assert ask(safe_server.dsn(), "show unix_socket_directories") == ""


def test_a_wrong_password_is_refused(safe_server: EmbeddedPostgres) -> None:
    with pytest.raises(asyncpg.InvalidPasswordError):
        ask(safe_server.dsn().replace("://postgres:", "://postgres:x"), "select 1")
    how = ask(
        safe_server.dsn(),
        "select string_agg(distinct auth_method, ' ') from pg_hba_file_rules",
    )
    stored = ask(safe_server.dsn(), "select left(rolpassword, 13) from pg_authid where rolcanlogin")
    assert (how, stored) == ("scram-sha-256", "SCRAM-SHA-256")


def test_the_password_is_kept_private(safe_server: EmbeddedPostgres) -> None:
    password = safe_server.data.parent / "password"
    assert stat.S_IMODE(password.stat().st_mode) == 0o600
    assert stat.S_IMODE(safe_server.data.stat().st_mode) == 0o700


def test_persian_words_have_trigrams(safe_server: EmbeddedPostgres) -> None:
    dsn = safe_server.dsn()
    ask(dsn, "create extension if not exists pg_trgm")
    assert ask(dsn, "select cardinality(show_trgm('مرسوله'))") > 3
    assert ask(dsn, "show server_encoding") == "UTF8"


def test_commits_are_durable_and_settings_fit(safe_server: EmbeddedPostgres) -> None:
    shown = {
        name: ask(safe_server.dsn(), f"show {name}")
        for name in ("fsync", "full_page_writes", "synchronous_commit", "jit", "autovacuum")
    }
    assert shown == {
        "fsync": "on",
        "full_page_writes": "on",
        "synchronous_commit": "on",
        "jit": "off",
        "autovacuum": "on",
    }
    assert ask(safe_server.dsn(), "show max_connections") == "200"
    assert ask(safe_server.dsn(), "show data_checksums") == "on"


def test_a_given_setting_arrives_as_written(safe_server: EmbeddedPostgres) -> None:
    found = "select reset_val from pg_settings where name = 'application_name'"
    boot = ask(safe_server.dsn(), found)
    # PostgreSQL itself writes what is not ASCII of an application's name as \x.
    assert boot.startswith(r"O'Brien \ ")


def test_the_log_holds_no_personal_data(safe_server: EmbeddedPostgres) -> None:
    dsn = safe_server.dsn()
    ask(dsn, "create table if not exists person (phone text unique)", "truncate person")
    ask(dsn, "insert into person values ('09161234567')")
    with pytest.raises(asyncpg.UniqueViolationError):
        ask(dsn, "insert into person values ('09161234567')")
    log = safe_server.log_file.read_text(encoding="utf-8")
    assert "person_phone_key" in log
    assert "09161234567" not in log


def test_a_second_supervisor_is_told_who_holds_the_home(safe_server: EmbeddedPostgres) -> None:
    with another_supervisor(safe_server.home) as (_, said):
        assert said["code"] == Code.HOME_IN_USE
        assert "supervised by process" in said["message"]
    with pytest.raises(EmbeddedError) as caught:
        EmbeddedPostgres(safe_server.home).start()
    assert caught.value.code is Code.HOME_IN_USE
    with pytest.raises(EmbeddedError) as caught:
        destroy(safe_server.home)
    assert caught.value.code is Code.HOME_IN_USE
    assert safe_server.alive()


def test_others_find_the_address(safe_server: EmbeddedPostgres, tmp_path: Path) -> None:
    assert running_dsn(safe_server.home, "a/b") == safe_server.dsn("a/b")
    assert safe_server.dsn("a/b").endswith("/a%2Fb")
    assert running_dsn(tmp_path / "absent") is None


def test_the_doctor_finds_nothing_wrong(safe_server: EmbeddedPostgres) -> None:
    findings = {finding.code: finding for finding in diagnose(safe_server.home)}
    asked = {"binaries", "owner", "version", "running", "durable", "locale", "passwords"}
    assert asked <= set(findings)
    assert [findings[code] for code in asked if not findings[code].ok] == []


def test_the_doctor_finds_a_database_without_persian(safe_server: EmbeddedPostgres) -> None:
    dsn = safe_server.dsn()
    ask(dsn, "create database deaf template template0 locale 'C'")
    try:
        found = {finding.code: finding for finding in diagnose(safe_server.home)}["locale"]
    finally:
        ask(dsn, "drop database deaf")
    assert not found.ok
    assert "deaf" in found.message
    assert "C.UTF-8" in found.hint


def test_the_doctor_finds_an_open_door(home: Path) -> None:
    with EmbeddedPostgres(home, unsafe_for_tests=True) as server:
        with (server.data / "pg_hba.conf").open("a", encoding="utf-8") as rules:
            rules.write("host all all 127.0.0.1/32 trust\n")
        found = {finding.code: finding for finding in diagnose(home)}
    assert not found["passwords"].ok
    assert not found["durable"].ok
    assert "fsync" in found["durable"].message


def test_a_temporary_server_leaves_nothing() -> None:
    with temporary({"work_mem": "3MB"}) as server:
        home, data = server.home, server.data
        assert ask(server.dsn(), "show fsync") == "off"
        assert ask(server.dsn(), "show work_mem") == "3MB"
    assert not home.exists()
    assert not data.exists()


def test_settings_scale_with_the_machine() -> None:
    gib = 1 << 30
    small, large = defaults(gib, 10 * gib), defaults(24 * gib, 500 * gib)
    assert (small["shared_buffers"], small["max_wal_size"]) == ("128MB", "512MB")
    assert (large["shared_buffers"], large["max_wal_size"]) == ("512MB", "4096MB")


@pytest.mark.parametrize(
    "extra", [{"port": "1"}, {"fsync = off\nx": "1"}, {"work_mem": "1MB\nfsync = off"}]
)
def test_settings_that_are_not_the_callers(extra: dict[str, str], tmp_path: Path) -> None:
    with pytest.raises(ValueError):
        compose(tmp_path, extra, 5432, lz4=False, unsafe=False)

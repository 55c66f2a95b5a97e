"""Every command and every piece of code in the guides, the client's README and README is run."""

import re
import shutil
import subprocess
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Final

import httpx
import pytest

from tests.e2e.environment import Environment
from tests.e2e.guides import ROOT, Reader, blocks, matches
from tests.e2e.processes import Part, command
from tests.factories.parcels import order

pytestmark = [
    pytest.mark.parametrize("susa", ["one_process"], indirect=True),
    pytest.mark.usefixtures("province"),
    pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed (apt has it)"),
]
GUIDES: Final = sorted((ROOT / "docs" / "guides").glob("*.md"))
HEARD_S_MAX: Final = 300
SDK: Final = ROOT / "sdk" / "README.md"


@pytest.fixture(scope="module")
def sandbox(
    susa: Environment, province: dict[str, int], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Environment]:
    """The test world is served, seeded, and has its worker."""

    def served(worlds: str) -> dict[str, str]:
        return {f"SUSA_{s.upper()}_WORLDS": worlds for s in susa.targets}

    log = tmp_path_factory.mktemp("sandbox") / "work-test.log"
    worker = Part("work all", {**susa.settings, **served('["live", "test"]')}, log)
    worker.start()
    try:
        both = replace(susa, settings={**susa.settings, **served('["live", "test"]')})
        both.susa("seed", "--world", "test")
        _wait_for_offices(both)
        yield both
        worker.terminate()
        worker.ended()
    finally:
        if worker.alive():
            worker.kill()


def _wait_for_offices(susa: Environment) -> None:
    """Until parcels of the sandbox has heard of them, as it has when somebody reads a guide."""
    account = ("--kind", "shop", "--name", "فروشگاه", "--scopes", "parcels:book")
    key = susa.susa("partner", "create", *account, "--world", "test")["key"]
    headers = {"Authorization": f"Bearer {key}", "Idempotency-Key": "heard"}
    with httpx.Client(base_url=susa.url, headers=headers, trust_env=False, timeout=180) as shop:
        deadline = time.monotonic() + HEARD_S_MAX
        while (answer := shop.post("/v1/parcels", json=order("KZ00007"))).status_code != 201:
            assert time.monotonic() < deadline, answer.text
            time.sleep(0.2)


@pytest.fixture
def reader(sandbox: Environment, tmp_path: Path) -> Reader:
    python_path = f"{ROOT}:{ROOT / 'sdk'}"
    environment = {**sandbox.settings, "PYTHONPATH": python_path, "NO_PROXY": "127.0.0.1"}
    folder = tmp_path / "reader"
    folder.mkdir()
    return Reader(sandbox.url, folder, tmp_path / "environment", environment)


def test_a_shop(reader: Reader) -> None:
    assert reader.follow(ROOT / "docs" / "guides" / "shop.md") >= 8


def test_a_bank(reader: Reader) -> None:
    assert reader.follow(ROOT / "docs" / "guides" / "bank.md") >= 9


def test_an_app(reader: Reader) -> None:
    assert reader.follow(ROOT / "docs" / "guides" / "app.md") >= 4


def test_an_operator(reader: Reader) -> None:
    assert reader.follow(ROOT / "docs" / "guides" / "operator.md") >= 3


def test_a_contributor(reader: Reader) -> None:
    reader.folder = ROOT  # a clone
    assert reader.follow(ROOT / "docs" / "guides" / "contributor.md") >= 1


def test_the_clients_readme(reader: Reader) -> None:
    assert reader.follow(SDK) >= 8


def test_readme(reader: Reader) -> None:
    assert reader.follow(ROOT / "README.md") >= 1


@pytest.mark.parametrize(
    ("words", "wrong"),
    [
        ("partner create --kind grocer --name x --scopes parcels:read", "kind: "),
        ("staff create --login clerk.1 --name x --role clark", "role: "),
        ("psql parcel", "no service parcel"),
    ],
)
def test_a_wrong_word_on_the_command_line_is_told(
    susa: Environment, words: str, wrong: str
) -> None:
    done = subprocess.run(
        command(*words.split()),
        env=susa.settings,
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert (done.returncode, done.stdout) == (1, "")
    assert wrong in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    "path", [*GUIDES, SDK, ROOT / "README.md"], ids=lambda path: f"{path.parent.name}-{path.name}"
)
def test_nothing_is_left_out(path: Path) -> None:
    """A block of another kind would be code that nobody runs; a reason is a sentence."""
    text = path.read_text()
    kinds = set(re.findall(r"^```(\w+)$", text, re.MULTILINE))
    assert kinds <= {"sh", "python", "output", "mermaid", "json", "ini"}
    for block in blocks(path):
        assert block.why_not is None or len(block.why_not) > 10, block


def test_an_output_that_differs_is_told() -> None:
    assert matches("a … c", "a b\nb c")
    assert not matches("a … c", "a b")
    assert not matches("a.c", "abc")

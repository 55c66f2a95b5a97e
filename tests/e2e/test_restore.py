"""An installation is backed up, one service is put back to yesterday, and no event is skipped.

With the commands as an operator types them, on an embedded PostgreSQL of its own.
"""

import json
import subprocess
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from services.installation import Home
from shared.embedded import destroy, running_dsn
from shared.embedded.cluster import pick_port
from tests.e2e.processes import ROOT, Part, command, environment, stop_all
from tests.factories.offices import office
from tests.shared.embedded.support import ask

pytestmark = pytest.mark.soak
PATIENCE_S = 300


class Installation:
    """`susa up` with its own database, and the commands beside it."""

    def __init__(self, folder: Path) -> None:
        self.home = Home(folder / "home")
        self.settings = environment(
            SUSA_HOME=str(self.home.path),
            SUSA_BACKUPS=str(folder / "backups"),
            SUSA_PORT=str(pick_port(None)),
        )
        self.up = Part("up --web 1", self.settings, folder / "up.log")
        self.url = f"http://127.0.0.1:{self.settings['SUSA_PORT']}"

    def susa(self, *arguments: str) -> Any:
        done = subprocess.run(
            command(*arguments, "--json"),
            env=self.settings,
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
        assert done.returncode == 0, done.stderr + done.stdout
        return json.loads(done.stdout)

    def start(self) -> None:
        self.up.start()
        until(self.answers, f"no start:\n{self.up.tail()}")

    def answers(self) -> bool:
        assert self.up.alive(), self.up.tail()
        try:
            return httpx.get(f"{self.url}/readyz", timeout=5, trust_env=False).is_success
        except httpx.HTTPError:
            return False

    def value(self, database: str, sql: str) -> Any:
        dsn = running_dsn(self.home.postgres, database)
        assert dsn is not None
        return ask(dsn, sql)


def until(done: Any, what: str) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not done():
        assert time.monotonic() < deadline, what
        time.sleep(0.2)


def opened(client: httpx.Client, name: str) -> str:
    """The code of a new office; 503 while connections to what was put in its place are made."""
    made: list[str] = []

    def let_in() -> bool:
        answer = client.post("/v1/offices", json=office(name=name))
        assert answer.status_code in {201, 503}, answer.text
        made.extend([answer.json()["code"]] if answer.status_code == 201 else [])
        return bool(made)

    until(let_in, "offices did not come back")
    return made[0]


@pytest.fixture
def installed() -> Iterator[Installation]:
    folder = Path(tempfile.mkdtemp(prefix="susa-test-"))
    folder.chmod(0o755)
    made = Installation(folder)
    try:
        made.start()
        yield made
    finally:
        if made.up.alive():
            stop_all([made.up])
        destroy(made.home.postgres)


def test_offices_from_yesterday(installed: Installation) -> None:
    """Offices goes back; parcels' copy follows it, without what is gone and with all that comes."""
    susa = installed
    made = susa.susa(
        *("partner", "create", "--kind", "staff", "--name", "m"),
        *("--scopes", "offices:write,partners:write"),
    )
    headers = {"Authorization": f"Bearer {made['key']}"}
    with httpx.Client(base_url=susa.url, headers=headers, timeout=180, trust_env=False) as client:

        def create(name: str) -> str:
            return opened(client, name)

        susa.susa("seed")
        kept = create("ماند")
        assert susa.susa("backup")["archiving"] is True
        client.post(f"/v1/offices/{kept}/suspend", json={"reason": "آزمون"}).raise_for_status()

        def suspended() -> bool:
            sql = f"SELECT active FROM office WHERE code = '{kept}'"
            return susa.value("susa_parcels", sql) is False

        until(suspended, "parcels did not follow")
        moment = datetime.now(UTC)
        gone = create("رفت")

        def told() -> bool:
            sql = f"SELECT count(*) FROM office WHERE code = '{gone}' AND active"
            return bool(susa.value("susa_parcels", sql))

        until(told, "parcels did not follow")
        susa.value("postgres", "SELECT pg_switch_wal()")
        archived = "SELECT count(*) = 0 FROM pg_ls_archive_statusdir() WHERE name LIKE '%.ready'"

        def in_the_archive() -> bool:
            return bool(susa.value("postgres", archived))

        until(in_the_archive, "WAL is not archived")
        done = susa.susa("restore", "--at", moment.isoformat(), "--only", "offices")
        assert [one["database"] for one in done["databases"]] == [
            "susa_offices",
            "susa_offices_test",
        ]
        after = create("آمد")

        def right() -> bool:
            sql = (
                "SELECT array_agg(active ORDER BY code) FROM office"
                f" WHERE code IN ('{kept}', '{after}')"
            )
            return bool(susa.value("susa_parcels", sql) == [False, True])

        until(right, "parcels' copy is not that of offices")
        # what the restore undid is not in offices, and takes no bookings in parcels
        names = {client.get(f"/v1/offices/{code}").json().get("name") for code in (kept, after)}
        assert names == {"ماند", "آمد"}
    kept_aside = done["databases"][0]["kept"]
    assert susa.value(kept_aside, f"SELECT count(*) FROM office WHERE code = '{gone}'") == 1
    findings = susa_doctor(susa)
    assert [f for f in findings if f["code"].startswith(("schema", "quarantine", "lag"))] != []
    wrong = {f["code"] for f in findings if not f["ok"]}
    assert not {code for code in wrong if code.startswith(("schema", "quarantine", "archive"))}


def susa_doctor(susa: Installation) -> list[dict[str, Any]]:
    done = subprocess.run(
        command("doctor", "--json"),
        env=susa.settings,
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    findings: list[dict[str, Any]] = json.loads(done.stdout)["findings"]
    return findings


def test_everything_from_a_backup_on_a_new_machine(installed: Installation) -> None:
    """Keys, passwords and data come from the folder of backups alone; accounts still work."""
    susa = installed
    made = susa.susa(
        "partner", "create", "--kind", "staff", "--name", "m", "--scopes", "partners:write"
    )
    susa.susa("backup")
    stop_all([susa.up])
    destroy(susa.home.postgres)
    for path in [*susa.home.keys.iterdir(), susa.home.path / "passwords.json"]:
        path.unlink()
    done = susa.susa("restore")
    assert "susa_gateway" in done["epochs"]
    assert "keys/key_pepper" in done["secrets"]
    susa.start()
    headers = {"Authorization": f"Bearer {made['key']}"}
    answer = httpx.get(f"{susa.url}/v1/partners", headers=headers, trust_env=False)
    assert answer.status_code == 200, answer.text

"""What the tests of the embedded PostgreSQL share."""

import asyncio
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import asyncpg

from shared.embedded import EmbeddedPostgres
from shared.embedded import account as accounts
from shared.embedded.processes import Process, servers_of

LIFE = Path(__file__).with_name("life.py")
NORMAL_USER = "nobody"


def is_root() -> bool:
    return os.geteuid() == 0


async def connect(dsn: str) -> Any:
    return await asyncpg.connect(dsn, timeout=180)


def ask(dsn: str, *statements: str) -> Any:
    """Run the statements on one connection; the first value of the last one."""

    async def run() -> Any:
        connection = await connect(dsn)
        try:
            return [await connection.fetchval(statement) for statement in statements][-1]
        finally:
            await connection.close()

    return asyncio.run(run())


def tree(server: EmbeddedPostgres) -> list[Process]:
    """All processes of the server's data folder."""
    return servers_of(server.data, accounts.choose(server.data, server.home, None))


def kill(pid: int | None) -> None:
    assert pid is not None
    os.kill(pid, signal.SIGKILL)


def command(deed: str, home: Path, user: int | None = None) -> list[str]:
    return [sys.executable, str(LIFE), deed, str(home), *([] if user is None else [str(user)])]


def environment() -> dict[str, str]:
    root = str(LIFE.parents[3])
    return {"PATH": os.environ["PATH"], "PYTHONPATH": root, "PYTHONDONTWRITEBYTECODE": "1"}


def tell(words: list[str]) -> Any:
    """What a run of life.py said."""
    done = subprocess.run(
        words, env=environment(), capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@contextmanager
def another_supervisor(home: Path) -> Iterator[tuple["subprocess.Popen[str]", dict[str, Any]]]:
    """A second process that supervises this home; with what it said when ready."""
    holder = subprocess.Popen(
        command("hold", home),
        env=environment(),
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert holder.stdout is not None
        yield holder, json.loads(holder.stdout.readline())
    finally:
        holder.kill()
        holder.communicate()

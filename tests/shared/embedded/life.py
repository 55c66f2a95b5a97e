"""Run as a program by the tests, under other users: one life of a server, told as JSON.

Usage: life.py live|hold|diagnose HOME [UID]
With UID, root becomes that user once all is imported: Python itself may lie where only root goes.
`live` starts, writes, kills the postmaster, starts again, reads and stops. `hold` starts and
then waits to be killed.
"""

import asyncio
import codecs
import contextlib
import json
import os
import signal
import sys
from pathlib import Path

from shared.embedded import EmbeddedError, EmbeddedPostgres, diagnose
from tests.shared.embedded.support import connect


async def run(dsn: str, *statements: str) -> object:
    connection = await connect(dsn)
    try:
        answers = [await connection.fetchval(statement) for statement in statements]
    finally:
        await connection.close()
    return answers[-1]


def live(home: Path) -> dict[str, object]:
    server = EmbeddedPostgres(home)
    server.start()
    pid = server.pid
    assert pid is not None
    uid = Path(f"/proc/{pid}").stat().st_uid
    asyncio.run(run(server.dsn(), "create table kept (n int)", "insert into kept values (42)"))
    os.kill(pid, signal.SIGKILL)
    while server.alive():
        pass
    server.start()
    kept = asyncio.run(run(server.dsn(), "select n from kept"))
    data = str(server.data)
    server.stop()
    return {"uid": uid, "kept": kept, "data": data}


def hold(home: Path) -> dict[str, object]:
    server = EmbeddedPostgres(home)
    server.start()
    return {"pid": server.pid, "dsn": server.dsn()}


def become(uid: int) -> None:
    """Imports first what is imported late."""
    diagnose(Path("/nonexistent"))
    codecs.lookup("ascii")
    with contextlib.suppress(OSError):
        asyncio.run(run("postgresql://nobody:x@127.0.0.1:1/none"))
    os.setgroups([])
    os.setgid(uid)
    os.setuid(uid)


def main(deed: str, home: Path) -> None:
    try:
        match deed:
            case "live":
                told: object = live(home)
            case "hold":
                told = hold(home)
            case "diagnose":
                told = {found.code: found.ok for found in diagnose(home)}
            case _:
                raise SystemExit(__doc__)
    except EmbeddedError as error:
        told = {"code": error.code, "message": error.message, "hint": error.hint}
    sys.stdout.write(json.dumps(told) + "\n")
    sys.stdout.flush()
    if deed == "hold":
        signal.pause()


if __name__ == "__main__":
    if len(sys.argv) > 3:
        become(int(sys.argv[3]))
    main(sys.argv[1], Path(sys.argv[2]))

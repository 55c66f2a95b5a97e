"""`susa doctor`: what is wrong with this installation, and how to mend it."""

import asyncio
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import httpx

from services import commands, installation, topology
from services.installation import Home
from shared import keys, readiness
from shared.auth import OAUTH, PEPPER, SERVICES, World
from shared.database import Database, check_ready
from shared.embedded import EmbeddedError, backup, diagnose
from shared.readiness import Lag
from shared.runtime import make_databases
from shared.settings import ServiceSettings

Finding = dict[str, Any]
BACKUP_AGE_MAX: Final = timedelta(days=2)
KEY_AGE_MAX: Final = timedelta(days=180)
WAITING_MAX: Final = 20
"""Segments that the archiver may be behind."""
CLOCK_S_MAX: Final = 5.0

_QUARANTINE_SQL: Final = """
SELECT consumer, count(*) AS events, max(recorded_at) AS latest FROM quarantine
GROUP BY consumer ORDER BY consumer
"""


def finding(code: str, wrong: str | None, hint: str) -> Finding:
    return {"code": code, "ok": wrong is None, "message": wrong or "fine", "hint": hint}


async def doctor(place: Home) -> list[Finding]:
    """The server's own findings, backups, keys, each service's databases, then the gateway."""
    findings: list[Finding] = []
    if installation.external() is None:
        found = await asyncio.to_thread(diagnose, place.postgres)
        findings += [
            {"code": f.code, "ok": f.ok, "message": f.message, "hint": f.hint} for f in found
        ]
        findings += await asyncio.to_thread(_backups, place)
    findings += _keys(place)
    try:
        installation.adopt_environment(place)
    except installation.NotRunningError as error:
        return [*findings, finding("databases", str(error), "run `susa up`")]
    for settings in topology.settings():
        findings += await _of_service(settings)
    findings.append(await _gateway())
    return findings


def _keys(place: Home) -> list[Finding]:
    missing = [name for name in SERVICES if not (place.keys / f"{name}.jwk").exists()]
    if missing or not (place.keys / "jwks.json").exists():
        return [finding("keys", "no internal keys", "run `susa migrate`")]
    readable = [p.name for p in place.keys.iterdir() if _is_secret(p) and p.stat().st_mode & 0o077]
    old = [n for n, age in keys.newest(place.keys).items() if age > KEY_AGE_MAX.total_seconds()]
    return [
        finding(
            "keys",
            f"others may read {', '.join(sorted(readable))}" if readable else None,
            f"chmod 600 them in {place.keys}, then `susa keys rotate --now`",
        ),
        finding(
            "keys.age",
            f"those of {', '.join(old)} are older than {KEY_AGE_MAX.days} days" if old else None,
            "`susa keys rotate`; nothing needs a restart",
        ),
    ]


def _is_secret(path: Path) -> bool:
    return path.suffix == ".jwk" or path.name in {PEPPER, OAUTH}


def _backups(place: Home) -> list[Finding]:
    named = os.environ.get("SUSA_BACKUPS")
    if named is None:
        hint = "set SUSA_BACKUPS to a folder on another disk and run `susa backup` once a day"
        return [finding("backup", "there are no backups: a lost disk loses everything", hint)]
    folder = Path(named).absolute()
    known = backup.bases(folder) if folder.is_dir() else []
    age = datetime.now(UTC) - known[-1].ended_at if known else None
    wrong = "there is no base backup yet" if age is None else None
    if age is not None and age > BACKUP_AGE_MAX:
        wrong = f"the newest base backup is {age.days} days old"
    return [finding("backup", wrong, "run `susa backup`"), _archiver(place, folder)]


def _archiver(place: Home, folder: Path) -> Finding:
    hint = f"see that {folder} is there, has room and may be written to by the server's user"
    try:
        waiting, failed = backup.archiver(place.postgres)
    except (EmbeddedError, OSError) as error:
        return finding("archive", f"not known: {error}", "start the server")
    wrong = f"{waiting} WAL segments wait to be archived" if waiting > WAITING_MAX else None
    return finding("archive", f"{failed} could not be archived" if failed else wrong, hint)


async def _of_service(settings: ServiceSettings) -> list[Finding]:
    """Schema first: of a stale database nothing else is asked."""
    service = topology.service_of(settings)
    worlds = make_databases(service, settings).worlds
    found: list[Finding] = []
    for world, database in worlds.items():
        try:
            await check_ready(database, service)
            await database.open()
            found.append(await _quarantine(service, world, database))
            found.append(await _clock(service, world, database))
            found += _lags(service, settings, await readiness.lag_of(database, world))
        except Exception as error:  # noqa: BLE001 - whatever is wrong is the finding
            hint = f"run `susa migrate {service}`"
            found.append(finding(f"schema.{service}.{world}", str(error), hint))
        else:
            found.append(finding(f"schema.{service}.{world}", None, ""))
        finally:
            await database.close()
    return found


async def _quarantine(service: str, world: World, database: Database) -> Finding:
    rows = await database.hot.fetch(_QUARANTINE_SQL)
    wrong = ", ".join(f"{row['consumer']}: {row['events']} events" for row in rows) or None
    hint = "the table `quarantine` has each event and its error; mend the cause, then its effect"
    return finding(f"quarantine.{service}.{world}", wrong, hint)


async def _clock(service: str, world: World, database: Database) -> Finding:
    """Tokens and timers compare times of several machines."""
    theirs = await database.hot.fetchval("SELECT clock_timestamp()")
    apart_s = abs((theirs - datetime.now(UTC)).total_seconds())
    wrong = f"the database's clock differs by {apart_s:.0f} s" if apart_s > CLOCK_S_MAX else None
    return finding(f"clock.{service}.{world}", wrong, "let NTP set both machines' clocks")


def _lags(service: str, settings: ServiceSettings, lag: Lag) -> list[Finding]:
    wrong = "; ".join(readiness.faults(lag, readiness.thresholds(settings))) or None
    hint = (
        "is the worker running? its log says why a consumer stopped; after a restore "
        "`susa resync CONSUMER`"
    )
    return [finding(f"lag.{service}.{lag.world}", wrong, hint)]


async def _gateway() -> Finding:
    url = commands.base_url()
    try:
        async with httpx.AsyncClient(base_url=url, trust_env=False) as client:
            answer = await client.get("/readyz", timeout=5)
    except httpx.HTTPError as error:
        return finding("gateway", f"{url} does not answer: {error!r}", "run `susa up`")
    wrong = None if answer.status_code == 200 else answer.text
    return finding("gateway", wrong, "the parts named above; their logs say more")

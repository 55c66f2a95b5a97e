"""A running installation of Susa: processes of one topology on databases of their own."""

import asyncio
import json
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal

from services.gateway.partners.domain import SCOPES
from shared.auth import SERVICES, World, ensure_keys
from shared.embedded.cluster import pick_port
from shared.provision import Target
from tests.conftest import Templates
from tests.e2e.processes import FAULT, ROOT, Part, command, environment, stop_all, wait_ready

Topology = Literal["one_process", "separate"]
COMMAND_S_MAX: Final = 600
ALL_SCOPES: Final = tuple(sorted(SCOPES.keys() - {"backfill"}))


@dataclass
class Environment:
    """`url`: the gateway. `settings`: the environment variables that its processes have."""

    topology: Topology
    settings: dict[str, str]
    targets: dict[str, Target]
    parts: list[Part]
    manager: str = ""
    """API key of a member of staff with every scope."""

    @property
    def url(self) -> str:
        return self.part("serve gateway" if self.topology == "separate" else "serve all").url

    def part(self, name: str) -> Part:
        return next(part for part in self.parts if part.name == name)

    def susa(self, *arguments: str) -> Any:
        """Run a command of `susa` with --json beside the running processes; what it printed."""
        done = subprocess.run(
            command(*arguments, "--json"),
            env=self.settings,
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=COMMAND_S_MAX,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    def log_ends(self) -> dict[str, int]:
        return {part.name: part.log.stat().st_size for part in self.parts}

    def faults(self, since: dict[str, int]) -> list[str]:
        """What the processes logged of crashes since then."""
        return [
            f"{part.name}: {line}"
            for part in self.parts
            for line in part.read(since[part.name]).splitlines()
            if FAULT.search(line)
        ]


def parts_of(topology: Topology, settings: dict[str, str], logs: Path) -> list[Part]:
    """The processes of a topology, not started; servers come before their workers."""
    names: Sequence[str] = SERVICES if topology == "separate" else ["all"]
    ports: dict[str, int] = {}
    for name in names:
        ports[name] = _port(set(ports.values()))
    if topology == "separate":
        urls = {f"SUSA_{s.upper()}_URL": f"http://127.0.0.1:{p}" for s, p in ports.items()}
        settings = {**settings, **urls}
    settings = {**settings, "SUSA_PORT": str(ports[names[-1]])}  # whom tokens are issued by
    serving = [Part(f"serve {n}", settings, logs / f"serve-{n}.log", ports[n]) for n in names]
    return serving + [Part(f"work {n}", settings, logs / f"work-{n}.log") for n in names]


def _port(taken: set[int]) -> int:
    while (port := pick_port(None)) in taken:
        pass
    return port


def settings_for(targets: dict[str, Target], folder: Path) -> dict[str, str]:
    """What the processes are told; makes their keys."""
    ensure_keys(folder / "keys")
    dsns = {f"SUSA_{s.upper()}_DSN": target.app_dsn for s, target in targets.items()}
    worlds = {f"SUSA_{s.upper()}_WORLDS": '["live"]' for s in targets}
    return environment(
        **dsns,
        **worlds,
        SUSA_HOME=str(folder / "home"),
        SUSA_KEYS=str(folder / "keys"),
        SUSA_GATEWAY_SMS=str(folder / "messages.jsonl"),
        SUSA_GATEWAY_WEBHOOK_ALLOW_PRIVATE="true",  # receivers of tests are on loopback
        SUSA_GATEWAY_LIMIT_FACTOR="1000",  # one key asks more in a minute than a partner in a day
    )


def _serve_both_worlds(parts: list[Part], targets: dict[str, Target]) -> None:
    """The sandbox is served, with nothing in it; the workers spare themselves its idle jobs."""
    both = {f"SUSA_{s.upper()}_WORLDS": '["live", "test"]' for s in targets}
    for part in parts:
        if part.port is not None:
            part.environment = {**part.environment, **both}


@contextmanager
def running(topology: Topology, templates: Templates, folder: Path) -> Iterator[Environment]:
    """An installation that serves, with a manager's account; stopped in the end, in order."""
    worlds: list[World] = ["live", "test"]
    targets = {service: asyncio.run(templates.copy(service, worlds)) for service in SERVICES}
    settings = settings_for(targets, folder)
    parts = parts_of(topology, settings, folder)
    _serve_both_worlds(parts, targets)
    made = Environment(topology, settings, targets, parts)
    try:
        for part in parts:
            part.start()
        made.manager = made.susa(
            *("partner", "create", "--kind", "staff", "--name", "مدیر استان"),
            *("--scopes", ",".join(ALL_SCOPES)),
        )["key"]
        wait_ready(parts)
        yield made
        dead = [part for part in parts if not part.alive()]
        assert not dead, f"{dead[0].name} ended by itself:\n{dead[0].tail()}"
        ends = made.log_ends()
        stop_all(parts)
        assert made.faults(ends) == []
    finally:
        for part in parts:
            if part.alive():
                part.kill()

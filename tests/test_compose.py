"""docker-compose.yml uses commands, variables and roles that exist; .env.example has them all."""

import ast
import importlib
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import click
import pytest
import yaml
from pydantic import AliasChoices
from typer.main import get_command

from services import commands
from services.gateway.config import Settings as GatewaySettings
from shared.auth import SERVICES
from shared.settings import ServiceSettings

ROOT: Final = Path(__file__).parents[1]
COMPOSE: Final[dict[str, Any]] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
OURS: Final = {name: part for name, part in COMPOSE["services"].items() if name != "postgres"}
LONG_RUNNING: Final = [name for name in OURS if name != "migrate"]
EXAMPLE: Final = (ROOT / ".env.example").read_text()
PASSED_BETWEEN_PROCESSES: Final = {"SUSA_PARENT_PID"}
"""Set by a parent for its children: not an operator's business."""
ASKED_FOR: Final = re.compile(r"\$\{([A-Z_]+)[^}]*\}")


def interpolated(value: str) -> str:
    """As compose does it: the default where there is one, else a password."""

    def one(found: re.Match[str]) -> str:
        _, has_default, default = found.group()[2:-1].partition(":-")
        return default if has_default else "secret"

    return ASKED_FOR.sub(one, value)


def settings_of(service: str) -> type[ServiceSettings]:
    made: type[ServiceSettings] = importlib.import_module(f"services.{service}.config").Settings
    return made


def settings_variables(service: str) -> set[str]:
    settings = settings_of(service)
    prefix = settings.model_config.get("env_prefix", "")
    return {
        name
        for field, info in settings.model_fields.items()
        for name in _aliases(info.validation_alias) or {f"{prefix}{field}".upper()}
    }


def _aliases(alias: object) -> set[str]:
    choices = alias.choices if isinstance(alias, AliasChoices) else [alias]
    return {choice for choice in choices if isinstance(choice, str)}


def commands_of(group: click.Command) -> Iterator[click.Command]:
    yield group
    for command in getattr(group, "commands", {}).values():
        yield from commands_of(command)


def susa() -> Any:
    return get_command(importlib.import_module("services.cli").app)


def option_variables() -> set[str]:
    """What typer reads for its options."""
    return {
        name
        for command in commands_of(susa())
        for parameter in command.params
        for name in ([parameter.envvar] if isinstance(parameter.envvar, str) else [])
    }


@cache
def read_variables(*folders: str) -> set[str]:
    """`SUSA_…` strings that are looked up in a mapping; `{…}` in them stands for each service."""
    found: set[str] = set()
    for path in (path for folder in folders for path in (ROOT / folder).rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            found |= {name for key in _keys(node) for name in _expanded(key)}
    return {name for name in found if re.fullmatch(r"SUSA_[A-Z_]+", name)}


def _keys(node: ast.AST) -> list[ast.expr]:
    match node:
        case ast.Subscript(slice=key):
            return [key]
        case ast.Call(func=ast.Attribute(attr="get" | "getenv"), args=[key, *_]):
            return [key]
        case ast.Compare(left=key, ops=[ast.In() | ast.NotIn()]):
            return [key]
        case _:
            return []


def _expanded(key: ast.expr) -> set[str]:
    match key:
        case ast.Constant(value=str(name)):
            return {name}
        case ast.JoinedStr(values=parts):
            return {
                "".join(
                    str(part.value) if isinstance(part, ast.Constant) else service.upper()
                    for part in parts
                )
                for service in SERVICES
            }
        case _:
            return set()


@cache
def known_variables() -> set[str]:
    read = read_variables("services", "shared", "migrations") - PASSED_BETWEEN_PROCESSES
    return read.union(option_variables(), *map(settings_variables, SERVICES))


class TestCommands:
    @pytest.mark.parametrize("name", OURS)
    def test_parses(self, name: str) -> None:
        """The real parser accepts the real arguments, service names included."""
        command, *arguments = OURS[name]["command"]
        context = susa().commands[command].make_context(command, list(arguments))
        if command in {"serve", "work"}:
            assert context.params["service"] == name.removesuffix("-worker")
            commands.check_services([context.params["service"]])

    def test_every_service_is_served_and_worked_for(self) -> None:
        asked = {tuple(OURS[name]["command"][:2]) for name in LONG_RUNNING}
        assert asked == {(verb, service) for verb in ("serve", "work") for service in SERVICES}

    @pytest.mark.parametrize("service", SERVICES)
    def test_health_is_asked_where_the_service_listens(self, service: str) -> None:
        command = OURS[service]["command"]
        port = command[command.index("--port") + 1]
        assert f":{port}/livez" in OURS[service]["healthcheck"]["test"][-1]
        assert f"//{service}:{port}" in OURS[service]["environment"][f"SUSA_{service.upper()}_URL"]

    def test_the_published_port_is_the_gateways(self) -> None:
        published = {name: part["ports"] for name, part in OURS.items() if "ports" in part}
        command = OURS["gateway"]["command"]
        assert published.keys() == {"gateway"}
        assert published["gateway"][0].endswith(f":{command[command.index('--port') + 1]}")


class TestVariables:
    @pytest.mark.parametrize("name", OURS)
    def test_exist_in_the_code(self, name: str) -> None:
        assert set(OURS[name]["environment"]) <= known_variables()

    @pytest.mark.parametrize("name", LONG_RUNNING)
    def test_make_valid_settings(self, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
        service = name.removesuffix("-worker")
        made = self.settings(name, monkeypatch)
        address = urlsplit(made.dsn)
        assert address.username == f"susa_{service}_app"
        assert address.path == f"/susa_{service}"
        assert set(made.sister_urls()) == set(SERVICES)

    @pytest.mark.parametrize("name", ["gateway", "gateway-worker"])
    def test_tokens_are_issued_for_the_published_port(
        self, name: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Who asks for a token goes where the metadata say: to the port that SUSA_PORT names."""
        made = self.settings(name, monkeypatch)
        assert isinstance(made, GatewaySettings)
        assert made.issuer == "http://127.0.0.1:8000"
        monkeypatch.setenv("SUSA_PORT", "8010")
        assert GatewaySettings().issuer == "http://127.0.0.1:8010"  # from the environment
        monkeypatch.setenv("SUSA_GATEWAY_PUBLIC_URL", "https://post.example/")
        assert GatewaySettings().issuer == "https://post.example"

    def test_owners_reach_migrate_only(self) -> None:
        for name in LONG_RUNNING:
            text = yaml.safe_dump(OURS[name])
            assert "OWNER" not in text
            assert "ADMIN" not in text
            assert "POSTGRES_PASSWORD" not in text
        migrated = OURS["migrate"]["environment"]
        for service in SERVICES:
            address = urlsplit(interpolated(migrated[f"SUSA_{service.upper()}_OWNER_DSN"]))
            assert address.username == f"susa_{service}_owner"
            assert address.path == f"/susa_{service}"

    def test_pools_fit_the_server(self, monkeypatch: pytest.MonkeyPatch) -> None:
        wanted = sum(self.settings(name, monkeypatch).pools() for name in LONG_RUNNING)
        command = COMPOSE["services"]["postgres"]["command"]
        offered = next(int(word.partition("=")[2]) for word in command if "max_conn" in word)
        assert wanted + commands.SPARE_CONNECTIONS <= offered

    @staticmethod
    def settings(name: str, monkeypatch: pytest.MonkeyPatch) -> ServiceSettings:
        service = name.removesuffix("-worker")
        for variable in known_variables():
            monkeypatch.delenv(variable, raising=False)
        for variable, value in OURS[name]["environment"].items():
            monkeypatch.setenv(variable, interpolated(value))
        return settings_of(service)()  # from the environment


class TestExample:
    def test_sets_what_compose_asks_for(self) -> None:
        asked = set(ASKED_FOR.findall((ROOT / "docker-compose.yml").read_text()))
        assert asked == set(re.findall(r"^([A-Z_]+)=", EXAMPLE, re.MULTILINE))

    def test_names_every_variable_that_exists_and_no_other(self) -> None:
        of_compose = set(re.findall(r"^([A-Z_]+PASSWORD)=", EXAMPLE, re.MULTILINE))
        named = set(re.findall(r"^#?([A-Z_]+)=", EXAMPLE, re.MULTILINE)) - of_compose
        of_make = set(re.findall(r"\bSUSA_[A-Z]+\b", (ROOT / "Makefile").read_text()))
        assert named == known_variables() | read_variables("tests") | of_make

    @pytest.mark.parametrize("service", SERVICES)
    def test_shows_the_defaults(self, service: str, monkeypatch: pytest.MonkeyPatch) -> None:
        """What a line `#SUSA_…=value` shows is what the settings have without it."""
        settings = settings_of(service)
        shown = dict(re.findall(rf"^#(SUSA_{service.upper()}_\w+)=(.+)$", EXAMPLE, re.MULTILINE))
        for field, info in settings.model_fields.items():
            variable = f"SUSA_{service.upper()}_{field}".upper()
            if variable not in shown or info.is_required() or info.default is None:
                continue
            monkeypatch.setenv(f"SUSA_{service.upper()}_DSN", "postgresql://")
            monkeypatch.setenv(variable, shown[variable])
            made = settings()  # from the environment
            assert getattr(made, field) == info.default, variable

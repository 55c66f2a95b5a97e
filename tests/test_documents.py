"""What documents point at is there: files that are linked, commands and their options."""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest
import typer.main

from services.cli import app

ROOT: Final = Path(__file__).parents[1]
DOCUMENTS: Final = sorted(
    [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "sdk").glob("*.md")]
)
SUSA: Final[Any] = typer.main.get_command(app)
COMMAND: Final = re.compile(r"(?:^|[`($ ]|\.venv/bin/)susa ((?:[^`|)\n\\]|\\\n)+)", re.MULTILINE)
CODE: Final = re.compile(r"^```\w*\n(.*?)^```$|`([^`]+)`|^(?: {4}.*\n)+", re.MULTILINE | re.DOTALL)


def named(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def commands(text: str) -> Iterator[str]:
    """What follows `susa` in code, up to the end of its line."""
    for code in CODE.finditer(text):
        for found in COMMAND.finditer(code[0]):
            yield found[1].replace("\\\n", " ").strip()


def missing(command: str) -> str | None:
    """What of a command there is not; placeholders stand for arguments."""
    words = [word for word in shlex.split(command.partition(" #")[0], posix=False) if word != "…"]
    at = SUSA
    while hasattr(at, "commands") and words:
        name = words.pop(0).rstrip(".,;:")
        if name.startswith("-") or not name.isascii():
            return None
        following = at.commands.get(name)
        if following is None:
            return f"no command {name}"
        at = following
    known = {option for one in at.params for option in (*one.opts, *one.secondary_opts)}
    asked = {word.partition("=")[0].rstrip(".,;:") for word in words if word.startswith("--")}
    unknown = asked - known - {"--help"}
    return f"{at.name} has no {sorted(unknown)}" if unknown else None


@pytest.mark.parametrize("path", DOCUMENTS, ids=named)
def test_commands_are_there(path: Path) -> None:
    found = {command: missing(command) for command in commands(path.read_text())}
    assert {command: why for command, why in found.items() if why is not None} == {}


@pytest.mark.parametrize("path", DOCUMENTS, ids=named)
def test_files_that_are_linked_are_there(path: Path) -> None:
    for link in re.findall(r"\]\(([^)#\s]+)(?:#[\w-]+)?\)", path.read_text()):
        assert ":" in link or (path.parent / link).exists(), link


@pytest.mark.parametrize("path", DOCUMENTS, ids=named)
def test_places_in_the_code_are_there(path: Path) -> None:
    """`services/…` in code; what has `<…>`, `*` or `…` in it is a pattern."""
    places = re.findall(
        r"`((?:services|shared|tests|migrations|sdk|bench)/[\w./-]+)`", path.read_text()
    )
    assert [place for place in places if not (ROOT / place).exists()] == []


def test_what_is_not_there_is_found() -> None:
    text = (
        "`susa fly`, `susa backup --keep 14`, `susa backup --all`\n\n    susa audit moon  # why\n"
    )
    assert [missing(one) for one in commands(text)] == [
        "no command fly",
        None,
        "backup has no ['--all']",
        "no command moon",
    ]
    assert sum(1 for path in DOCUMENTS for _ in commands(path.read_text())) > 40

"""Runs what a guide prints: its shell and Python blocks in their order, as a reader would.

A block ```sh or ```python is run, unless a comment `<!-- not run: why -->` stands before it. A
block ```output after it is what it printed; `…` in it stands for anything.
"""

import contextlib
import io
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

ROOT: Final = Path(__file__).parents[2]
FENCE: Final = re.compile(
    r"(?:<!-- not run: (?P<why>[^>]+) -->\n+)?^```(?P<kind>\w+)\n(?P<text>.*?)^```$",
    re.MULTILINE | re.DOTALL,
)
RUN: Final = ("sh", "python")
PRINTED_URL: Final = "http://127.0.0.1:8000"
PRELUDE: Final = """
set -euo pipefail
susa() { "$PYTHON" -m services.cli "$@"; }
python() { "$PYTHON" "$@"; }
"""
HANDED_ON: Final = '[ ! -f "$KEPT.all" ] || source "$KEPT.all"\n'
HAND_ON: Final = """
declare -p | grep -v '^declare -[a-zA-Z]*r' > "$KEPT.all"
env -0 > "$KEPT"
"""
BLOCK_S_MAX: Final = 600


@dataclass(frozen=True)
class Block:
    """`line`: of the file, from 1. `expected`: None where the guide prints no output."""

    kind: str
    text: str
    line: int
    why_not: str | None
    expected: str | None = None


def blocks(path: Path) -> Iterator[Block]:
    """Those that are to be run, or say why they are not, each with its output."""
    text = path.read_text()
    found = list(FENCE.finditer(text))
    for fence, after in zip(found, [*found[1:], None], strict=True):
        if fence["kind"] in RUN:
            output = after["text"] if after is not None and after["kind"] == "output" else None
            line = text.count("\n", 0, fence.start("text")) + 1
            yield Block(fence["kind"], fence["text"], line, fence["why"], output)


@dataclass
class Reader:
    """Follows one guide in a folder of its own; variables and names last to its end.

    `kept`: a file for what the shell's blocks hand on, to each other and, where the guide says
    `export`, to its Python.
    """

    url: str
    folder: Path
    kept: Path
    environment: dict[str, str]
    names: dict[str, Any] = field(default_factory=lambda: {"__name__": "__main__"})

    def follow(self, path: Path) -> int:
        """How many blocks were run."""
        count = 0
        for block in blocks(path):
            if block.why_not is not None:
                continue
            where = f"{path.relative_to(ROOT)}:{block.line}"
            text = self._here(block.text)
            said = self._shell(text, where) if block.kind == "sh" else self._python(text, where)
            if block.expected is not None:
                wanted = self._here(block.expected).strip()
                assert matches(wanted, said.strip()), f"{where} printed\n{said}\nnot\n{wanted}"
            count += 1
        return count

    def _here(self, text: str) -> str:
        """The address and the programs of this run, for those that are printed."""
        text = text.replace(PRINTED_URL, self.url)
        return text.replace(".venv/bin/", "")

    def _shell(self, text: str, where: str) -> str:
        # stdin is empty: a command that would ask ends instead of waiting
        done = subprocess.run(
            ["bash", "-c", f"{PRELUDE}{HANDED_ON}{text}\n{HAND_ON}"],
            env=self.environment | {"PYTHON": sys.executable, "KEPT": str(self.kept)},
            cwd=self.folder,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=BLOCK_S_MAX,
            check=False,
        )
        assert done.returncode == 0, f"{where}: {done.stdout}\n{done.stderr}"
        pairs = self.kept.read_text().rstrip("\0").split("\0")
        self.environment = dict(pair.split("=", 1) for pair in pairs)
        return done.stdout

    def _python(self, text: str, where: str) -> str:
        said = io.StringIO()
        code = compile(text, where, "exec")
        with self._as_the_reader(), contextlib.redirect_stdout(said):
            exec(code, self.names)  # noqa: S102 - this repository's own guides
        return said.getvalue()

    @contextlib.contextmanager
    def _as_the_reader(self) -> Iterator[None]:
        """In the reader's folder, with the variables that the shell set."""
        before = dict(os.environ)
        os.environ.update({k: v for k, v in self.environment.items() if k not in before})
        try:
            with contextlib.chdir(self.folder):
                yield
        finally:
            os.environ.clear()
            os.environ.update(before)


def matches(wanted: str, said: str) -> bool:
    parts = [re.escape(part) for part in wanted.split("…")]
    return re.fullmatch(".*?".join(parts), said, re.DOTALL) is not None

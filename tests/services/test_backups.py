"""A copy of a database that breaks off: said at once, with nothing read into memory."""

from pathlib import Path
from types import SimpleNamespace

import pytest

from services import backups
from services.errors import CommandError

SIZE = 64 * 1024 * 1024


def test_a_copy_whose_reader_is_gone_is_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = tmp_path / "whole"
    scripts = {
        "pg_dump": f"head -c {SIZE} /dev/zero && touch {whole}",
        "pg_restore": "echo no room left >&2; exit 1",
    }
    for name, script in scripts.items():
        program = tmp_path / name
        program.write_text(f"#!/bin/sh\n{script}\n")
        program.chmod(0o700)
    programs = SimpleNamespace(program=lambda name: tmp_path / name)
    monkeypatch.setattr(backups, "installed", lambda: programs)
    with pytest.raises(CommandError, match="no room left"):
        backups._transfer("postgresql://a:x@h/a", "postgresql://b:y@h/b")
    assert not whole.exists()

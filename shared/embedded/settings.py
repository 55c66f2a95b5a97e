"""The server's settings, and the proof that an acknowledged commit is on the disk."""

import os
import re
import shutil
from collections.abc import Mapping
from pathlib import Path

from shared.embedded import binaries
from shared.embedded.errors import Code, EmbeddedError

MIB = 1 << 20
DURABLE = ("fsync", "full_page_writes", "synchronous_commit")
_RESERVED = {"listen_addresses", "port", "unix_socket_directories", "data_directory", "hba_file"}
_CGROUP_LIMITS = (
    Path("/sys/fs/cgroup/memory.max"),
    Path("/sys/fs/cgroup/memory/memory.limit_in_bytes"),
)


def memory_bytes() -> int:
    """What this machine, or the container around us, may use."""
    total = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    for limit in _CGROUP_LIMITS:
        try:
            total = min(total, int(limit.read_text(encoding="ascii")))
        except (OSError, ValueError):  # absent, or the word `max`
            continue
    return total


def defaults(memory: int, disk: int) -> dict[str, str]:
    """For a small machine that also runs the services; `memory` and `disk` (total) in bytes."""
    buffers = min(512, max(32, memory // MIB // 8))
    return {
        "max_connections": "200",
        "shared_buffers": f"{buffers}MB",
        "effective_cache_size": f"{max(64, memory // MIB // 2)}MB",
        "maintenance_work_mem": f"{min(256, max(32, memory // MIB // 32))}MB",
        "work_mem": "8MB",
        "min_wal_size": "128MB",
        "max_wal_size": f"{min(4096, max(256, disk // MIB // 20))}MB",
        "checkpoint_timeout": "15min",
        "checkpoint_completion_target": "0.9",
        "autovacuum": "on",
        "jit": "off",
        "random_page_cost": "1.1",
        "timezone": "UTC",
        "log_timezone": "UTC",
        "log_line_prefix": "%m [%p] %q%u@%d ",
        # The log carries no personal data: neither statements nor the rows that errors quote.
        "log_error_verbosity": "terse",
        "log_min_error_statement": "panic",
        "log_parameter_max_length": "0",
        "log_parameter_max_length_on_error": "0",
    } | dict.fromkeys(DURABLE, "on")


UNSAFE_FOR_TESTS = dict.fromkeys(DURABLE, "off") | {"shared_buffers": "64MB"}


def address(port: int) -> dict[str, str]:
    """Given on the command line too, where ALTER SYSTEM cannot override it."""
    return {
        "listen_addresses": "127.0.0.1",
        "port": str(port),
        "unix_socket_directories": "",
        "password_encryption": "scram-sha-256",
    }


def compose(data: Path, extra: Mapping[str, str], port: int, *, lz4: bool, unsafe: bool) -> str:
    """The text of susa.conf. ValueError for a setting that belongs to the supervisor."""
    if clash := sorted(_RESERVED & set(extra)):
        raise ValueError(f"the supervisor itself sets {', '.join(clash)}")
    chosen = defaults(memory_bytes(), shutil.disk_usage(data).total)
    chosen["wal_compression"] = "lz4" if lz4 else "off"
    chosen |= dict(extra)
    if unsafe:
        chosen |= UNSAFE_FOR_TESTS
    chosen |= address(port)
    lines = [f"{_name(name)} = '{_value(value)}'" for name, value in sorted(chosen.items())]
    return "\n".join(("# Written by Susa at each start; edits are lost.", *lines, ""))


def _name(name: str) -> str:
    if not re.fullmatch(r"[a-z_][a-z0-9_.]*", name):
        raise ValueError(f"{name!r} is not the name of a setting")
    return name


def _value(value: str) -> str:
    if not value.isprintable():
        raise ValueError(f"{value!r} does not fit on a line")
    return value.replace("\\", "\\\\").replace("'", "''")


# synchronous_commit may also be lowered for one role or database; those count as well.
_WEAKENED = """
select name || ' = ' || setting from pg_settings
 where name in ('fsync', 'full_page_writes', 'synchronous_commit') and setting <> 'on'
union all
select line || ' (' || coalesce('role ' || r.rolname, 'every role') || ', '
            || coalesce('database ' || d.datname, 'every database') || ')'
  from pg_db_role_setting s
  left join pg_roles r on r.oid = s.setrole
  left join pg_database d on d.oid = s.setdatabase,
       unnest(s.setconfig) line
 where line like 'synchronous_commit=%' and line <> 'synchronous_commit=on'
"""


def weakened(port: int, password: str) -> list[str]:
    """What the running server says of settings that may lose an acknowledged commit."""
    return [row[0] for row in binaries.query(port, password, _WEAKENED)]


def demand_durable(port: int, password: str) -> None:
    if found := weakened(port, password):
        raise EmbeddedError(
            Code.UNSAFE_SETTINGS,
            f"An acknowledged commit could be lost: {'; '.join(found)}.",
            "take it out of the settings given, of data/postgresql.auto.conf (ALTER SYSTEM), "
            "or of the role or database (ALTER ... RESET synchronous_commit).",
        )

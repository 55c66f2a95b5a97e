"""Metrics of several processes in one folder."""

import os
import subprocess
import sys
from pathlib import Path

from shared import metrics

COUNTS = """
import sys
from shared import metrics
metrics.counter("t_done_total", "Done", ("service",)).labels("x").inc(int(sys.argv[1]))
metrics.gauge("t_now", "Now").set(int(sys.argv[1]))
metrics.highest("t_worst", "Worst").set(int(sys.argv[1]))
sys.stdout.write(metrics.exposition().decode())
sys.stdout.flush()
sys.stdin.read()
"""


def started(folder: Path, count: int) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-c", COUNTS, str(count)],
        env={**os.environ, metrics.FOLDER: str(folder)},
        cwd=Path(__file__).parents[2],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def told(process: "subprocess.Popen[str]") -> str:
    return process.communicate("")[0]


def test_any_process_tells_of_all_and_the_dead_keep_their_counts(tmp_path: Path) -> None:
    metrics.start_over(tmp_path)
    first = started(tmp_path, 3)
    assert 't_done_total{service="x"} 3.0' in told(first)
    second = told(started(tmp_path, 4))
    assert 't_done_total{service="x"} 7.0' in second
    assert "t_now 7.0" in second
    assert "t_worst 4.0" in second
    metrics.process_ended(tmp_path, first.pid)
    third = told(started(tmp_path, 2))
    assert 't_done_total{service="x"} 9.0' in third
    assert "t_now 6.0" in third
    metrics.start_over(tmp_path)
    assert list(tmp_path.iterdir()) == []

"""The progress bar of a run: parcels and scans done, per second, and the time left."""

from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    Task,
    TaskID,
    TextColumn,
    TimeRemainingColumn,
)
from rich.text import Text
from typing_extensions import override


class _PerSecond(ProgressColumn):
    @override
    def render(self, task: Task) -> Text:
        """Over the whole run: a month is booked in bursts."""
        return Text(f"{task.completed / task.elapsed:,.0f}/s" if task.elapsed else "")


@dataclass(slots=True)
class Bar:
    """On stderr, so that --json has stdout to itself; silent when `quiet`."""

    parcels_total: int
    quiet: bool
    _progress: Progress = field(init=False)
    _parcels: TaskID = field(init=False)
    _scans: TaskID = field(init=False)

    def __post_init__(self) -> None:
        self._progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            _PerSecond(),
            TimeRemainingColumn(),
            TextColumn("{task.fields[behind]}"),
            console=Console(stderr=True),
            disable=self.quiet,
        )
        self._parcels = self._progress.add_task("parcels", total=self.parcels_total, behind="")
        self._scans = self._progress.add_task("scans", total=None, behind="")

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._progress.stop()

    def month(self, label: str, scans_ahead: float) -> None:
        """Name the month at hand; `scans_ahead` is an estimate, exact in the last month."""
        done = self._progress.tasks[self._scans].completed
        self._progress.update(self._parcels, description=f"{label} parcels")
        self._progress.update(self._scans, description=f"{label} scans", total=done + scans_ahead)

    def behind(self, told: str) -> None:
        self._progress.update(self._parcels, behind=told)

    def parcels(self, count: int) -> None:
        self._progress.advance(self._parcels, count)

    def scans(self, count: int) -> None:
        self._progress.advance(self._scans, count)

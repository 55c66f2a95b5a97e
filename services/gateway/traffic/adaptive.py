"""How much a sister is asked at once: found by trying, as TCP finds a window (AIMD). Pure."""

from typing import Final

LEAST: Final = 16
MOST: Final = 512
START: Final = 64
PERIOD_S: Final = 0.1
SAMPLES_MIN: Final = 10
STRAIN_MAX: Final = 3.0
"""One sample counts for no more than this: a single straggler says little."""
CUT_MOST: Final = 0.7
GROWTH: Final = 0.1
USED: Final = 0.8
"""The limit grows only if this much of it was used: an idle hour must not raise it."""


class Adaptive:
    """The in-flight limit of one sister.

    A sample is how long an answer took, by how long its class should take (`strain`). A period
    whose mean strain is above 1 cuts the limit in proportion; else a used limit grows.
    """

    __slots__ = ("_count", "_limit", "_peak", "_since", "_strain")

    def __init__(self, start: int = START) -> None:
        self._limit = float(start)
        self._since = float("-inf")
        self._count = self._peak = 0
        self._strain = 0.0

    @property
    def limit(self) -> int:
        return int(self._limit)

    def sample(self, strain: float, in_flight: int, now: float) -> bool:
        """Note one answer; whether the limit was looked at anew."""
        self._count += 1
        self._strain += min(strain, STRAIN_MAX)
        self._peak = max(self._peak, in_flight)
        if self._count < SAMPLES_MIN or now - self._since < PERIOD_S:
            return False
        self._turn()
        self._since = now
        self._count = self._peak = 0
        self._strain = 0.0
        return True

    def _turn(self) -> None:
        strain = self._strain / self._count
        if strain > 1:
            self._limit = max(LEAST, self._limit * max(CUT_MOST, 1 / strain))
        elif self._peak >= self._limit * USED:
            self._limit = min(MOST, self._limit + max(1.0, self._limit * GROWTH))
